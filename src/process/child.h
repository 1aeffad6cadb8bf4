// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"
#include "process/line_splitter.h"
#include "process/spawn.h"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>

namespace lvmpolld {

/// A child process on an event loop: its output is read as long as there is any, also when the process itself
/// is gone and a grandchild writes on, and its end is reported once. Everything runs on the loop's one
/// thread.
class Child {
public:
    enum class Stream { output, error };
    using Line = std::function<void(Stream, std::string_view)>;
    using End = std::function<void(ExitStatus)>;

    /// `line` may outlive the Child; `end` is not called any more after the Child's destruction.
    Child(const asio::any_io_executor& executor, SpawnedProcess process, const Line& line, End end);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return pid_; }

    /// Sends SIGTERM. It reaches this process or, if it has ended, nobody.
    void terminate() noexcept;

private:
    class OutputPipe;

    void wait_for_end();
    void reap();

    pid_t pid_;
    asio::posix::stream_descriptor pidfd_;
    std::shared_ptr<OutputPipe> output_;
    std::shared_ptr<OutputPipe> error_;
    End end_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace lvmpolld
