// SPDX-License-Identifier: LGPL-2.1-or-later
// Preloaded into a daemon, makes its monotonic clock and its timeouts FAST_CLOCK times as fast, so
// that a test needn't wait for minutes. Real time, which only logs use, stays as it is. System
// calls instead of libc's functions, since sanitizers ask for the time before anything can be
// looked up.
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

constexpr long second = 1'000'000'000;

long speed = 1;
long start = 0; // nanoseconds of the monotonic clock

long nanoseconds(const timespec& time) {
    return time.tv_sec * second + time.tv_nsec;
}

timespec from_nanoseconds(long all) {
    return {all / second, all % second};
}

[[gnu::constructor]] void begin() {
    timespec now{};
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    start = nanoseconds(now);
    if (const char* text = std::getenv("FAST_CLOCK"))
        speed = std::atol(text);
}

timespec slowed(const timespec& fast) {
    const long all = nanoseconds(fast);
    return from_nanoseconds(all == 0 ? 0 : 1 + all / speed); // 0 would disarm a timer
}

int slowed(int milliseconds) {
    return milliseconds <= 0 ? milliseconds : 1 + milliseconds / static_cast<int>(speed);
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    const long result = ::syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_MONOTONIC)
        *now = from_nanoseconds(start + (nanoseconds(*now) - start) * speed);
    return static_cast<int>(result);
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
    return static_cast<int>(::syscall(SYS_poll, descriptors, count, slowed(timeout)));
}

int epoll_wait(int epoll, epoll_event* events, int count, int timeout) {
    return static_cast<int>(::syscall(SYS_epoll_wait, epoll, events, count, slowed(timeout)));
}

int timerfd_settime(int timer, int flags, const itimerspec* value, itimerspec* old) noexcept {
    itimerspec real = *value;
    if ((flags & TFD_TIMER_ABSTIME) == 0)
        real = {slowed(value->it_interval), slowed(value->it_value)};
    return static_cast<int>(::syscall(SYS_timerfd_settime, timer, flags, &real, old));
}
}
