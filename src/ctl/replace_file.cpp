// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/replace_file.h"

#include "base/file_descriptor.h"
#include "base/write_all.h"
#include "ctl/command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lvmpolld::ctl {

namespace {

constexpr mode_t for_all_to_read = 0644;

/// A device, or a link to somewhere else, is not what is meant to be replaced.
bool is_something_else(const std::string& path) {
    struct stat file {};

    return ::lstat(path.c_str(), &file) == 0 && !S_ISREG(file.st_mode);
}

} // namespace

void replace_file(const std::string& path, std::string_view text) {
    if (is_something_else(path))
        throw Refused("cannot write " + path + ": it is no regular file, and stays as it is");
    auto temporary = path + ".XXXXXX";
    const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    const bool done = file && write_all(file.get(), text) &&
                      ::fchmod(file.get(), for_all_to_read) == 0 && ::fsync(file.get()) == 0 &&
                      ::rename(temporary.c_str(), path.c_str()) == 0;
    if (done)
        return;
    const int error = errno;
    if (file)
        ::unlink(temporary.c_str());
    throw Refused("cannot write " + path + ": " + std::strerror(error) +
                  ". What was there is unchanged");
}

} // namespace lvmpolld::ctl
