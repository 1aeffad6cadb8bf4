// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/space_reserve.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace lvmpolld {

void SpaceReserve::make(int directory) noexcept {
    struct statvfs space {};

    if (made_ || ::fstatvfs(directory, &space) != 0 || space.f_bsize * space.f_bavail < 4 * bytes)
        return;
    const FileDescriptor file(
        ::openat(directory, file_name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    made_ = file && ::posix_fallocate(file.get(), 0, bytes) == 0;
    if (!made_)
        ::unlinkat(directory, file_name, 0);
}

bool SpaceReserve::give_up(int directory) noexcept {
    made_ =
        false; // it may be an earlier daemon's, on a file system that was full at this one's start
    return ::unlinkat(directory, file_name, 0) == 0;
}

} // namespace lvmpolld
