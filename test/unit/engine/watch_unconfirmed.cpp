// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// lvpoll exits 0, and the kernel does not say whether that is true.
using WatchUnconfirmedTest = WatchTest;

TEST_F(WatchUnconfirmedTest, IsBelievedWithoutDeviceMapper) {
    simulated.set_available(false);
    const auto operation = start(request());
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchUnconfirmedTest, IsBelievedOnceTheKernelAgrees) {
    const auto operation = start_stepping();
    simulated.fail_with(ENOMEM);
    end(0, Exited{0});
    EXPECT_FALSE(result(operation)) << "the kernel has not agreed";
    EXPECT_NE(operation->snapshot().waits_for, "");
    advance(1s);
    simulated.fail_with(0);
    happen_quietly(dm::Inactive{});
    advance(2s);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 1U) << "only the look is tried again";
}

TEST_F(WatchUnconfirmedTest, IsAFailureAfterASilentMinute) {
    const auto operation = start_stepping();
    simulated.fail_with(ENOMEM);
    end(0, Exited{0});
    for (int seconds = 0; seconds < 59; ++seconds)
        advance(1s);
    EXPECT_FALSE(result(operation));
    advance(1s);
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(log.count(LogLevel::error, "could not be asked"), 1U);
}

TEST_F(WatchUnconfirmedTest, TheKernelIsAskedWithGrowingPauses) {
    start_stepping();
    simulated.fail_with(ENOMEM);
    end(0, Exited{0});
    auto looks = simulated.looks();
    for (const auto pause : {1s, 2s, 4s, 8s, 16s}) {
        advance(pause - 1ns);
        EXPECT_EQ(simulated.looks(), looks);
        advance(1ns);
        EXPECT_EQ(simulated.looks(), ++looks);
    }
}

TEST_F(WatchUnconfirmedTest, NotUnderstoodAnyMoreIsNoAgreement) {
    const auto operation = start_stepping();
    happen_quietly(dm::Unwatchable{"its table doesn't stand still"});
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    for (int seconds = 0; seconds < 60; ++seconds)
        advance(1s);
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_TRUE(log.has(LogLevel::error, "doesn't stand still"));
}

TEST_F(WatchUnconfirmedTest, IsBelievedOfADeviceNeverUnderstood) {
    happen_quietly(dm::Unwatchable{"unknown target: cache"});
    const auto operation = start(request());
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchUnconfirmedTest, DoesNotDelayAStop) {
    const auto operation = start_stepping();
    simulated.fail_with(EIO);
    end(0, Exited{0});
    stop();
    EXPECT_EQ(stopped, 1);
    EXPECT_FALSE(result(operation)) << "the next daemon asks";
}

} // namespace
} // namespace lvmpolld
