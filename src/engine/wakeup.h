// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"

#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace lvmpolld {

/// What a coroutine of the monitor's thread waits for: something has changed, or the time has come.
/// A notification between two waits is kept. Small while nobody waits. Monitor thread.
class Wakeup {
public:
    static constexpr Clock::TimePoint never = Clock::TimePoint::max();

    explicit Wakeup(Clock& clock) : clock_(clock) {}

    void notify() {
        notified_ = true;
        if (timer_ != nullptr)
            timer_->cancel();
    }

    /// Returns after a notification or at `deadline`.
    asio::awaitable<void> wait(Clock::TimePoint deadline = never) {
        if (!notified_ && deadline > clock_.now()) {
            asio::steady_timer timer(co_await asio::this_coro::executor);
            clock_.arm(timer, deadline);
            const Waiting waiting(*this, timer);
            asio::error_code cancelled;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        notified_ = false;
    }

private:
    /// Also ends when the coroutine is destroyed instead of resumed.
    class Waiting {
    public:
        Waiting(Wakeup& wakeup, asio::steady_timer& timer) : wakeup_(wakeup) {
            wakeup_.timer_ = &timer;
        }

        ~Waiting() { wakeup_.timer_ = nullptr; }

        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

    private:
        Wakeup& wakeup_;
    };

    Clock& clock_;
    asio::steady_timer* timer_ = nullptr; ///< of the one who waits
    bool notified_ = false;
};

} // namespace lvmpolld
