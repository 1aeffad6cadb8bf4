// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtual_time.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace lvmpolld::simulation {

namespace {

constexpr Time beginning{std::chrono::hours(1)};

Time current = beginning;

timespec timespec_of(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

} // namespace

Time now() {
    return current;
}

void let_pass(Duration duration) {
    current += duration;
}

std::chrono::duration<double> processor_time() {
    timespec used{};
    ::syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::string text_of(Time time) {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time - beginning).count();
    const auto seconds = milliseconds / 1000;
    char text[64];
    std::snprintf(text, sizeof(text), "%lldd %02lld:%02lld:%02lld.%03lld",
                  static_cast<long long>(seconds / 86400),
                  static_cast<long long>(seconds / 3600 % 24),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60),
                  static_cast<long long>(milliseconds % 1000));
    return text;
}

Events::Events() {
    current = beginning;
}

void Events::run_next() {
    auto event = queue_.top();
    queue_.pop();
    current = std::max(current, event.time);
    ++count_;
    event.action();
}

} // namespace lvmpolld::simulation

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    using namespace lvmpolld::simulation;
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && clock != CLOCK_REALTIME)
        return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    *time = timespec_of(now().time_since_epoch());
    return 0;
}
