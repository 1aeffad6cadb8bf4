// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/kernel_watch.h"

#include "base/virtual_clock.h"
#include "dm/simulated_kernel.h"

#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <system_error>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

class KernelWatchTest : public testing::Test {
protected:
    using Subscription = KernelWatch::Subscription;

    KernelWatchTest() { kernel.quietly_set(lvid, dm::NotCopying{"vg", "lv"}); }

    KernelWatch::Interest interest(std::optional<std::uint32_t> event_number) {
        if (!event_number)
            return {{}, [this] { ++woken; }};
        return {
            [this, event_number] { return kernel.event_number(dm::dm_uuid(lvid)) != event_number; },
            [this] { ++woken; }};
    }

    void settle() {
        do {
            context.restart();
        } while (context.poll() > 0);
    }

    void raise() {
        clock.advance(KernelWatch::longest_pause);
        kernel.raise(lvid);
        settle();
    }

    /// An event that comes now is noticed after this time.
    void expect_pause(std::chrono::nanoseconds duration) {
        const auto before = kernel.arms();
        kernel.raise();
        clock.advance(duration - 1ns);
        settle();
        EXPECT_EQ(kernel.arms(), before) << "too early: " << duration.count() << " ns";
        clock.advance(1ns);
        settle();
        EXPECT_EQ(kernel.arms(), before + 1) << "too late: " << duration.count() << " ns";
    }

    const std::string lvid = std::string(64, 'a');
    asio::io_context context{1};
    VirtualClock clock;
    dm::SimulatedKernel kernel;
    KernelWatch watch{context.get_executor(), clock, kernel};
    int woken = 0;
};

TEST_F(KernelWatchTest, WakesWhenTheEventNumberIsAnother) {
    const Subscription subscription(watch, interest(0));
    settle();
    EXPECT_EQ(woken, 0);
    raise();
    EXPECT_EQ(woken, 1);
}

TEST_F(KernelWatchTest, WakesAtOnceWhenTheEventNumberIsAnotherAlready) {
    kernel.raise(lvid);
    const Subscription subscription(watch, interest(0));
    EXPECT_EQ(woken, 1);
}

TEST_F(KernelWatchTest, WakesWhenTheDeviceIsGone) {
    const Subscription subscription(watch, interest(0));
    kernel.set(lvid, dm::Inactive{});
    settle();
    EXPECT_EQ(woken, 1);
}

TEST_F(KernelWatchTest, WakesAtEveryEventWhoDoesNotCount) {
    const Subscription subscription(watch, interest(std::nullopt));
    EXPECT_EQ(woken, 0);
    for (int events = 1; events <= 3; ++events) {
        raise();
        EXPECT_EQ(woken, events);
    }
}

TEST_F(KernelWatchTest, ListensOnlyWhileSomebodyWaits) {
    const auto arms = kernel.arms();
    raise();
    EXPECT_EQ(kernel.arms(), arms);
    {
        const Subscription subscription(watch, interest(std::nullopt));
        EXPECT_GT(kernel.arms(), arms);
    }
    raise();
    const auto armed = kernel.arms();
    raise();
    EXPECT_EQ(kernel.arms(), armed);
    EXPECT_EQ(woken, 0);
}

TEST_F(KernelWatchTest, OneAnotherEndDoesNotEndTheListening) {
    std::optional<Subscription> first(std::in_place, watch, interest(std::nullopt));
    const Subscription second(watch, interest(std::nullopt));
    first.reset();
    raise();
    EXPECT_EQ(woken, 1);
}

TEST_F(KernelWatchTest, AFailureWakesAllSoThatTheyMeetItThemselves) {
    const Subscription one(watch, interest(1000));
    const Subscription two(watch, interest(1000));
    woken = 0;
    kernel.fail_with(EIO);
    raise();
    EXPECT_EQ(woken, 2);
}

TEST_F(KernelWatchTest, WhoCouldNotSubscribeIsNotWoken) {
    kernel.fail_with(EIO);
    EXPECT_THROW(Subscription(watch, interest(0)), std::system_error);
    kernel.fail_with(0);
    {
        const Subscription other(watch, {{}, [] {}});
        raise();
    }
    EXPECT_EQ(woken, 0);
}

TEST_F(KernelWatchTest, OneLookAPauseMissesNothingOfAStorm) {
    const Subscription subscription(watch, interest(std::nullopt));
    raise();
    EXPECT_EQ(woken, 1);
    for (int i = 0; i < 100; ++i) {
        kernel.raise(lvid);
        settle();
    }
    EXPECT_EQ(woken, 1);
    clock.advance(KernelWatch::shortest_pause);
    settle();
    EXPECT_EQ(woken, 2);
    raise();
    EXPECT_EQ(woken, 3);
}

TEST_F(KernelWatchTest, AStormWakesTheLoopOnceEachPause) {
    const Subscription subscription(watch, interest(0));
    kernel.raise();
    settle();
    for (int i = 0; i < 100; ++i) {
        kernel.raise();
        context.restart();
        EXPECT_EQ(context.poll(), 0U);
    }
}

TEST_F(KernelWatchTest, AStormThatWakesNobodyIsReadMoreRarely) {
    const Subscription subscription(watch, interest(0));
    kernel.raise();
    settle();
    for (auto pause = KernelWatch::shortest_pause; pause < KernelWatch::longest_pause; pause *= 2)
        expect_pause(pause);
    expect_pause(KernelWatch::longest_pause);
    expect_pause(KernelWatch::longest_pause);
}

TEST_F(KernelWatchTest, AnEventThatWakesSomebodyShortensThePause) {
    const Subscription subscription(watch, interest(0));
    kernel.raise();
    settle();
    expect_pause(KernelWatch::shortest_pause);
    kernel.raise(lvid);
    clock.advance(2 * KernelWatch::shortest_pause);
    settle();
    EXPECT_EQ(woken, 1);
    expect_pause(KernelWatch::shortest_pause);
}

TEST_F(KernelWatchTest, APauseWithoutAnEventMakesThePauseShortAgain) {
    const Subscription subscription(watch, interest(0));
    for (int storms = 0; storms < 2; ++storms) {
        kernel.raise();
        settle();
        expect_pause(KernelWatch::shortest_pause);
        clock.advance(2 * KernelWatch::shortest_pause);
        settle();
    }
}

} // namespace
} // namespace lvmpolld
