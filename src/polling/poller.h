// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "polling/lvpoll.h"
#include "polling/operation.h"
#include "polling/wakeup.h"

#include <memory>
#include <optional>

namespace lvmpolld {

/// What the operations of the monitor loop work with.
struct Workshop {
    asio::any_io_executor executor;
    Clock& clock;
    LvPollLauncher& launcher;
    Log& log;
};

/// Takes one polling operation to its result. Monitor thread.
class Poller {
public:
    Poller(Workshop& workshop, std::shared_ptr<Operation> operation);

    /// The operation's life. No result: the daemon stops before it is over.
    asio::awaitable<std::optional<Result>> run();

    /// From here to release() no lvpoll is started, and one that runs is stopped: an abort of the LV is under way.
    void fence();
    void release();

    /// Stops for good: run() returns once no lvpoll runs.
    void stop();

    const std::shared_ptr<Operation>& operation() const noexcept { return operation_; }

    /// The running child, or -1.
    pid_t lvpoll_pid() const noexcept { return lvpoll_ ? lvpoll_->pid() : -1; }

    /// Waits until no lvpoll runs, at most until `deadline`. False if one still does.
    asio::awaitable<bool> wait_until_quiet(Clock::TimePoint deadline);

private:
    bool must_be_quiet() const noexcept { return fences_ > 0 || stopping_; }
    asio::awaitable<std::optional<Result>> stay_resident();

    Workshop& workshop_;
    const std::shared_ptr<Operation> operation_;
    Wakeup wakeup_;
    Wakeup quiet_;
    std::unique_ptr<LvPoll> lvpoll_;
    unsigned fences_ = 0;
    bool stopping_ = false;
    bool interrupted_before_ = false;
};

} // namespace lvmpolld
