// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <asio/steady_timer.hpp>

#include <chrono>

namespace lvmpolld {

/// The monitor's time: what the clock shows and when its timers fire. Tests put their own time in
/// its place.
class Clock {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    virtual ~Clock() = default;

    virtual TimePoint now() const { return std::chrono::steady_clock::now(); }

    /// Makes `timer` fire at `deadline`.
    virtual void arm(asio::steady_timer& timer, TimePoint deadline) { timer.expires_at(deadline); }
};

} // namespace lvmpolld
