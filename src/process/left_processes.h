// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "process/survivor.h"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace lvmpolld {

/// Waits for processes that aren't children of this one, such as what a script has left behind when
/// it ended. While it waits they may start others: it looks again until there are none. One loop's
/// thread, which no lack of descriptors in a handler ends.
class LeftProcesses {
public:
    /// Gives those that are left.
    using Find = std::function<std::vector<Survivor>()>;

    LeftProcesses(asio::any_io_executor executor, Find find);
    ~LeftProcesses();
    LeftProcesses(const LeftProcesses&) = delete;
    LeftProcesses& operator=(const LeftProcesses&) = delete;

    /// Looks for those that are left. Throws if that can't be found out.
    void look();

    /// Looks, and calls `gone` once there are none any more, but not before it returns, nor after
    /// the end of this object. Returns false if there are none now. A look that fails is made again
    /// after a pause: what cannot be found out may be left.
    bool wait(std::function<void()> gone);

    /// The same beginning with what is known already.
    void wait(Survivor known, std::function<void()> gone);

    /// Sends SIGTERM once to those that are known, and to those that are found later.
    void terminate() noexcept;

    /// One that lives, or -1.
    pid_t pid() const noexcept { return processes_.empty() ? -1 : processes_.front().pid; }

private:
    struct Process {
        pid_t pid;
        asio::posix::stream_descriptor pidfd;
    };

    void add(Survivor&& survivor);
    void ended(std::list<Process>::iterator place);
    /// False if it could not look; then it will, if nothing that is known leads on.
    bool try_to_look();
    void look_for_the_last();
    void retry();

    asio::any_io_executor executor_;
    const Find find_;
    std::function<void()> gone_;
    std::list<Process> processes_;
    bool terminated_ = false;
    std::optional<asio::steady_timer> pause_; ///< after a look that failed
    std::shared_ptr<bool> exists_ =
        std::make_shared<bool>(true); ///< what handlers know of this object
};

} // namespace lvmpolld
