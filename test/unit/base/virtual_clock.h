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
        deadlines_[&timer] = deadline;
        // Ends together with the wait, however that ends: then the timer may be gone.
        timer.async_wait([this, &timer](const asio::error_code&) { deadlines_.erase(&timer); });
    }

    void advance(std::chrono::nanoseconds duration) {
        now_ += duration;
        for (const auto& [timer, deadline] : deadlines_)
            if (deadline <= now_)
                timer->cancel();
    }

private:
    TimePoint now_{std::chrono::hours(1)};
    std::map<asio::steady_timer*, TimePoint> deadlines_;
};

} // namespace lvmpolld
