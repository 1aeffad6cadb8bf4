// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/missing_mark.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>

namespace lvmpolld {

MissingMark::~MissingMark() {
    if (byte_ != &own_)
        ::munmap(byte_, 1);
}

void MissingMark::open(int directory) noexcept {
    const FileDescriptor file(
        ::openat(directory, file_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file ||
        ::posix_fallocate(file.get(), 0, 1) != 0) // without its block the byte can't be written
        return;
    void* const place = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (place == MAP_FAILED)
        return;
    byte_ = static_cast<char*>(place);
    if (std::atomic_ref(own_).load() != 0)
        set(true);
}

} // namespace lvmpolld
