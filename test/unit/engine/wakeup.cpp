// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/wakeup.h"

#include "base/virtual_clock.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <exception>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

class WakeupTest : public testing::Test {
protected:
    /// Waits once, on the loop.
    void wait(Clock::TimePoint deadline = Wakeup::never) {
        asio::co_spawn(
            context,
            [this, deadline]() -> asio::awaitable<void> {
                co_await wakeup.wait(deadline);
                ++woken;
            },
            [](const std::exception_ptr& failure) { EXPECT_FALSE(failure); });
        settle();
    }

    void settle() {
        context.restart();
        context.poll();
    }

    asio::io_context context{1};
    VirtualClock clock;
    Wakeup wakeup{clock};
    int woken = 0;
};

TEST_F(WakeupTest, WaitsForANotification) {
    wait();
    EXPECT_EQ(woken, 0);
    wakeup.notify();
    settle();
    EXPECT_EQ(woken, 1);
}

TEST_F(WakeupTest, KeepsANotificationBetweenTwoWaits) {
    wakeup.notify();
    wait();
    EXPECT_EQ(woken, 1);
}

TEST_F(WakeupTest, NotificationsBetweenTwoWaitsAreOne) {
    wakeup.notify();
    wakeup.notify();
    wait();
    wait();
    EXPECT_EQ(woken, 1);
    wakeup.notify();
    settle();
    EXPECT_EQ(woken, 2);
}

TEST_F(WakeupTest, ReturnsAtItsDeadline) {
    wait(clock.now() + 10s);
    clock.advance(10s - 1ns);
    settle();
    EXPECT_EQ(woken, 0);
    clock.advance(1ns);
    settle();
    EXPECT_EQ(woken, 1);
}

TEST_F(WakeupTest, ADeadlineThatIsOverIsNoWait) {
    wait(clock.now());
    EXPECT_EQ(woken, 1);
    wait(clock.now() - 1s);
    EXPECT_EQ(woken, 2);
}

TEST_F(WakeupTest, ANotificationBeforeTheDeadlineEndsTheWait) {
    wait(clock.now() + 10s);
    wakeup.notify();
    settle();
    EXPECT_EQ(woken, 1);
    wait(clock.now() + 20s);
    clock.advance(10s);
    settle();
    EXPECT_EQ(woken, 1) << "the first deadline means nothing any more";
}

TEST_F(WakeupTest, ADeadlineLeavesNoNotificationBehind) {
    wait(clock.now() + 1s);
    clock.advance(1s);
    settle();
    EXPECT_EQ(woken, 1);
    wait();
    EXPECT_EQ(woken, 1);
    wakeup.notify();
    settle();
    EXPECT_EQ(woken, 2);
}

TEST(SteadyClock, ATimerThatIsNeverToFireDoesNot) {
    asio::io_context context{1};
    Clock clock;
    asio::steady_timer timer(context);
    clock.arm(timer, Wakeup::never);
    bool fired = false;
    timer.async_wait([&](const asio::error_code& error) { fired = !error; });
    context.poll();
    EXPECT_FALSE(fired);
    clock.arm(timer, clock.now());
    timer.async_wait([&](const asio::error_code& error) { fired = !error; });
    context.run();
    EXPECT_TRUE(fired);
}

} // namespace
} // namespace lvmpolld
