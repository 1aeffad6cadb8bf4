// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"
#include "process/children.h"
#include "process/spawn.h"

#include <functional>
#include <memory>
#include <string_view>

namespace lvmpolld {

/// A child process: its output is read as long as there is any, also when the process itself is
/// gone and a grandchild writes on, and its end is reported once. Everything runs on the loop's one
/// thread.
class Child {
public:
    enum class Stream : bool { output, error };
    using Line = std::function<void(Stream, std::string_view)>;
    using End = std::function<void(ExitStatus)>;

    /// `line` may outlive the Child; `end` is not called any more after the Child's destruction.
    /// Throws std::system_error if the process can't be waited for.
    Child(Children& children, SpawnedProcess process, Line line, End end);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return pid_; }

    /// Sends SIGTERM. It reaches this process or, if it has ended, nobody.
    void terminate() noexcept;

private:
    pid_t pid_;
    std::shared_ptr<Children::Process> process_;
};

} // namespace lvmpolld
