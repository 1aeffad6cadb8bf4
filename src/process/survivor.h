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
    /// Others with the same mark: the program that is run may be a script that runs lvm beneath it.
    std::vector<Survivor> companions{};
};

/// The processes that have `argument` among their first three arguments (a script's interpreter and
/// its option come before the script's own) and `variable` in their environment with a value that
/// begins with `prefix`. One for each mark, with its companions. Unlike a PID written down, which
/// takes until after the spawn, the mark is there from the first instant; the pidfd is opened
/// before it is read, so that a PID used again deceives nobody. Throws std::system_error rather
/// than overlook one.
std::vector<Survivor> find_survivors(std::string_view argument, std::string_view variable,
                                     std::string_view prefix);

} // namespace lvmpolld
