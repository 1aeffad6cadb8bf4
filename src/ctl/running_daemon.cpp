// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/running_daemon.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>

#include <algorithm>

namespace lvmpolld::ctl {

std::optional<pid_t> running_daemon(const std::string& pidfile) {
    const FileDescriptor file(::open(pidfile.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && (errno == ENOENT || errno == ENOTDIR))
        return std::nullopt;

    struct flock lock {};

    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (!file || ::fcntl(file.get(), F_GETLK, &lock) != 0)
        throw_errno("cannot see from the pidfile " + pidfile + " whether lvmpolld runs");
    if (lock.l_type == F_UNLCK)
        return std::nullopt;
    return std::max(lock.l_pid, pid_t{0});
}

} // namespace lvmpolld::ctl
