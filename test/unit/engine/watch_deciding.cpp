// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

#include <cerrno>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// One lvpoll decides where nothing is copied.
using WatchDecidingTest = WatchTest;

TEST_F(WatchDecidingTest, JoiningADecidingLvpollMakesForOneMoreLook) {
    happen_quietly(dm::NotCopying{"vg", "lv"});
    const auto operation = start(request());
    ASSERT_EQ(runs.size(), 1U);
    start(request());
    happen_quietly(copying(0));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchDecidingTest, WhenTheLvIsInactiveOneLvpollDecides) {
    const auto operation = start_copying();
    happen(dm::Inactive{});
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "vg/lv");
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    happen(copying(0));
    advance(1h);
    EXPECT_EQ(runs.size(), 1U) << "an activation without polling stays unpolled";
}

TEST_F(WatchDecidingTest, ADecidingLvpollGetsNoCopyThatBegins) {
    const auto operation = start(request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::stepping);
    happen_quietly(copying(0));
    advance(1s - 1ns);
    EXPECT_EQ(runs[0].terminations, 0);
    advance(1ns); // before it looks a second time
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Exited{5});
    EXPECT_EQ(phase(operation), Phase::watching);
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchDecidingTest, BesideADecidingLvpollTheKernelIsAskedRarely) {
    start(request());
    const auto looks = simulated.looks();
    unsigned names = 0;
    kernel.before_lvid_of = [&names] { ++names; };
    for (int i = 0; i < 100; ++i)
        raise_event();
    kernel.before_lvid_of = nullptr;
    EXPECT_GT(simulated.looks(), looks);
    EXPECT_LE(simulated.looks() - looks, 100 * KernelWatch::longest_pause / 1s);
    EXPECT_LE(names, 100 + 3 * (simulated.looks() - looks)) << "one question an event";
}

TEST_F(WatchDecidingTest, TheShortestIntervalDoesNotKeepTheLoopBusy) {
    start(request("1"));
    const auto looks = simulated.looks();
    advance(499ms);
    EXPECT_EQ(simulated.looks(), looks);
    advance(1ms);
    EXPECT_EQ(simulated.looks(), looks + 1);
}

TEST_F(WatchDecidingTest, ADecidingLvpollRetiredTooLateHasTheResult) {
    const auto operation = start(request());
    happen_quietly(copying(0));
    advance(1s);
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchDecidingTest, AnAbortStopsADecidingLvpoll) {
    start(request());
    start_abort();
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Killed{SIGTERM});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
}

/// No look at the kernel succeeds beside a deciding lvpoll: it is retired, and has decided nothing.
class WatchDecidingBlindlyTest : public WatchTest {
protected:
    WatchDecidingBlindlyTest() {
        launcher.on_launch = [this] { simulated.fail_with(EIO); };
    }

    /// Run `number` was retired so, and ends.
    void end_in_vain(std::size_t number) {
        ASSERT_EQ(runs.size(), number + 1);
        EXPECT_EQ(runs[number].terminations, 1);
        simulated.fail_with(0);
        end(number, Killed{SIGTERM});
    }
};

TEST_F(WatchDecidingBlindlyTest, AfterThreeLvpollIsLeftAlone) {
    const auto operation = start(request());
    end_in_vain(0);
    end_in_vain(1);
    end_in_vain(2);
    ASSERT_EQ(runs.size(), 4U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[3].terminations, 0);
    EXPECT_TRUE(log.has(LogLevel::warning, "3 steps changed nothing"));
}

TEST_F(WatchDecidingBlindlyTest, AfterThreeAlwaysTriesOnWithPauses) {
    watching.trust.policy = Verify::always;
    const auto operation = start(request());
    end_in_vain(0);
    end_in_vain(1);
    end_in_vain(2);
    for (const auto pause : {1s, 2s, 4s}) {
        const auto before = runs.size();
        advance(pause - 1ns);
        ASSERT_EQ(runs.size(), before);
        advance(1ns);
        end_in_vain(before);
    }
    EXPECT_FALSE(result(operation));
}

} // namespace
} // namespace lvmpolld
