// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/record_wait.h"

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace lvmpolld {

/// A coroutine that waits, for as long as it does.
struct RecordWait::Waiter {
    using Timer = asio::steady_timer::rebind_executor<Executor>::other;

    Waiter(RecordWait& wait, Records::Ticket wanted)
        : all(wait), ticket(wanted), timer(wait.executor_, Timer::time_point::max()),
          place(wait.waiters_.insert(wait.waiters_.end(), this)) {
        ++all.waiting_;
    }

    ~Waiter() {
        --all.waiting_;
        all.waiters_.erase(place);
    }

    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    RecordWait& all;
    const Records::Ticket ticket;
    Timer timer; ///< never expires: is cancelled
    std::list<Waiter*>::iterator place;
};

asio::awaitable<void, RecordWait::Executor> RecordWait::until(Records::Ticket ticket) {
    if (records_ == nullptr || records_->is_written(ticket))
        co_return;
    Waiter waiter(*this, ticket);
    // Once more, now that notify() knows of the waiter: whichever comes second sees what the first
    // has done.
    bool written = records_->is_written(ticket);
    while (!written) {
        asio::error_code ignored;
        co_await waiter.timer.async_wait(
            asio::redirect_error(asio::use_awaitable_t<Executor>(), ignored));
        written = records_->is_written(ticket);
    }
}

void RecordWait::notify() {
    if (waiting_ == 0)
        return;
    asio::post(executor_, [this] {
        for (auto* const waiter : waiters_)
            if (records_->is_written(waiter->ticket))
                waiter->timer.cancel();
    });
}

} // namespace lvmpolld
