// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <optional>

namespace lvmpolld {

/// The daemon's side of the line to the process that started it and waits for it.
class Launcher {
public:
    explicit Launcher(FileDescriptor line) : line_(std::move(line)) {}

    /// The daemon serves: the waiting process may return 0. Standard input, output and error become
    /// /dev/null.
    void report_ready();

private:
    FileDescriptor line_;
};

/// Splits off the daemon as a session of its own with / as working directory. In the daemon returns
/// the Launcher; in the process that was called, waits for the daemon's word and returns nothing
/// and its exit code: 0 once it serves, else that with which the daemon ended. Messages before
/// report_ready() go to the caller's stderr. Call before any thread.
struct Daemonized {
    std::optional<Launcher> launcher;
    int exit_code = 0;
};

Daemonized daemonize();

} // namespace lvmpolld
