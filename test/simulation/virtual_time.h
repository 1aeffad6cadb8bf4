// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "chance.h"

#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

/// Time that passes only from event to event. The program's clock_gettime() shows it, hence
/// std::chrono::steady_clock, Asio's timers and boot_time() do.
namespace lvmpolld::simulation {

using Time = Clock::TimePoint;

/// Virtual now, of the whole program.
Time now();

/// The program waits so long in a system call. What should have happened meanwhile is late.
void let_pass(Duration duration);

/// Real processor time that the program has used.
std::chrono::duration<double> processor_time();

/// "3d 04:05:06.789", since the world began.
std::string text_of(Time time);

/// What will happen, in the order of time; what happens at the same time, in the order in which it
/// was put in.
class Events {
public:
    /// Begins anew, an hour after the boot.
    Events();

    void at(Time time, std::function<void()> action) {
        queue_.push({time < now() ? now() : time, ++last_, std::move(action)});
    }

    void after(Duration delay, std::function<void()> action) {
        at(now() + delay, std::move(action));
    }

    bool is_empty() const { return queue_.empty(); }

    Time next() const { return queue_.top().time; }

    /// Lets time pass to the next event, and it happen.
    void run_next();

    /// How many have happened.
    std::uint64_t count() const { return count_; }

private:
    struct Event {
        Time time;
        std::uint64_t number;
        std::function<void()> action;

        bool operator<(const Event& other) const {
            return time != other.time ? time > other.time : number > other.number;
        }
    };

    std::priority_queue<Event> queue_;
    std::uint64_t last_ = 0;
    std::uint64_t count_ = 0;
};

} // namespace lvmpolld::simulation
