// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// A process that has outlived the daemon that started it.
struct Survivor {
    std::string mark; ///< the value of the environment variable by which it was found
    pid_t pid;
    FileDescriptor pidfd;
};

/// The processes whose first argument is `argument` and whose environment has `variable` with a value that
/// begins with `prefix`. Unlike a PID written down, which takes until after the spawn, the mark is there from
/// the first instant; the pidfd is opened before it is read, so that a PID used again deceives nobody. Throws
/// std::system_error rather than overlook one.
std::vector<Survivor> find_survivors(std::string_view argument, std::string_view variable,
                                     std::string_view prefix);

} // namespace lvmpolld
