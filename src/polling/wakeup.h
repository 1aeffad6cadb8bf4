// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "polling/clock.h"

#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace lvmpolld {

/// What a coroutine of the monitor waits for: something has changed, or the time has come. A notification
/// between two waits is kept. Monitor thread.
class Wakeup {
public:
    static constexpr Clock::TimePoint never = Clock::TimePoint::max();

    Wakeup(const asio::any_io_executor& executor, Clock& clock) : clock_(clock), timer_(executor) {}

    void notify() {
        notified_ = true;
        timer_.cancel();
    }

    /// Returns after a notification or at `deadline`.
    asio::awaitable<void> wait(Clock::TimePoint deadline = never) {
        if (!notified_ && deadline > clock_.now()) {
            clock_.arm(timer_, deadline);
            asio::error_code cancelled;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        notified_ = false;
    }

private:
    Clock& clock_;
    asio::steady_timer timer_;
    bool notified_ = false;
};

} // namespace lvmpolld
