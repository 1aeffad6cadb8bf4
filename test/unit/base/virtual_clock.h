// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"

#include <chrono>
#include <map>

namespace lvmpolld {

/// Time that passes only when a test says so. Run the loop's ready handlers before each advance().
class VirtualClock final : public Clock {
public:
    TimePoint now() const override { return now_; }

    void arm(asio::steady_timer& timer, TimePoint deadline) override {
        timer.expires_at(TimePoint::max());
        // Ends together with the wait, however that ends: then the timer may be gone, or another
        // one may stand in its place. Without a wait (no memory) nothing would tell.
        timer.async_wait([this, &timer, arm = ++arms_](const asio::error_code&) {
            const auto found = deadlines_.find(&timer);
            if (found != deadlines_.end() && found->second.arm == arm)
                deadlines_.erase(found);
        });
        deadlines_[&timer] = {deadline, arms_};
    }

    void advance(std::chrono::nanoseconds duration) {
        now_ += duration;
        for (const auto& [timer, armed] : deadlines_)
            if (armed.deadline <= now_)
                timer->cancel();
    }

private:
    TimePoint now_{std::chrono::hours(1)};

    struct Armed {
        TimePoint deadline;
        unsigned arm;
    };

    std::map<asio::steady_timer*, Armed> deadlines_;
    unsigned arms_ = 0;
};

} // namespace lvmpolld
