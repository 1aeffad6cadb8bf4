// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

using WatchPvmoveTest = WatchTest;

TEST_F(WatchPvmoveTest, NobodyRunsWhileTheKernelCopies) {
    const auto operation = start_copying();
    EXPECT_EQ(phase(operation), Phase::watching);
    EXPECT_EQ(operation->snapshot().progress, (Progress{100, total}));
    for (int interval = 0; interval < 100; ++interval)
        advance(15s);
    EXPECT_TRUE(runs.empty());
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchPvmoveTest, ProgressIsReadAtTheIntervalAtTheLatest) {
    const auto operation = start_copying();
    happen_quietly(segment(0, 500));
    advance(15s - 1ns);
    EXPECT_EQ(operation->snapshot().progress, (Progress{100, total}));
    advance(1ns);
    EXPECT_EQ(operation->snapshot().progress, (Progress{500, total}));
}

TEST_F(WatchPvmoveTest, LvpollIsRecalledAtOnceWhenASegmentIsInSync) {
    const auto operation = start_copying();
    happen(in_sync(0));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "vg/lv");
    EXPECT_EQ(runs[0].interval, "15");
    EXPECT_EQ(phase(operation), Phase::stepping);
    EXPECT_EQ(operation->snapshot().lvpoll, runs[0].pid);
    EXPECT_EQ(runs[0].terminations, 0);
}

TEST_F(WatchPvmoveTest, ASegmentInSyncAtTheRequestIsCommittedAtOnce) {
    happen_quietly(in_sync(0));
    start(request());
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, ARecalledLvpollWaitsOneSecondAtLeast) {
    happen_quietly(in_sync(0));
    start(request("0"));
    EXPECT_EQ(runs.at(0).interval, "1");
    simulated.quietly_set(other_lvid,
                          dm::SimulatedKernel::mirror(other_lvid, "vg2", "lv", 9, 9, 0, 9));
    auto delayed = poll_request(other_lvid, "+7");
    delayed.vgname = "vg2";
    start(delayed);
    advance(7s);
    EXPECT_EQ(runs.at(1).interval, "7");
}

TEST_F(WatchPvmoveTest, LvpollIsRetiredWhenTheNextSegmentIsCopied) {
    const auto operation = start_stepping();
    happen(copying(1));
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(phase(operation), Phase::stepping) << "until it is reaped";
    advance(1h);
    EXPECT_EQ(runs[0].terminations, 1);

    end(0, Exited{5});
    EXPECT_EQ(phase(operation), Phase::watching);
    EXPECT_EQ(operation->snapshot().progress, (Progress{1100, total}));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_FALSE(result(operation));

    happen(in_sync(1));
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchPvmoveTest, TheNextSegmentMayBeInSyncAlready) {
    const auto operation = start_stepping();
    happen(in_sync(1));
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(runs.size(), 1U) << "one lvpoll at a time";
    end(0, Killed{SIGTERM});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].running());
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchPvmoveTest, TheLastLvpollEndsByItselfAndIsTheResult) {
    const auto operation = start_stepping();
    happen(copying(2));
    end(0, Exited{5});
    happen(in_sync(2));
    happen(dm::Inactive{});
    EXPECT_EQ(runs.at(1).terminations, 0);
    end(1, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(WatchPvmoveTest, ALongMoveStaysWatchedHoweverManyStepsItTakes) {
    const auto operation = start_copying();
    for (unsigned number = 0; number < 20; ++number) {
        const auto start = number * segment_length;
        const auto at = [&](std::uint64_t copied) {
            return dm::SimulatedKernel::mirror(lvid, "vg", "lv", start + copied,
                                               20 * segment_length, start, segment_length);
        };
        happen(at(1));
        EXPECT_EQ(runs.size(), number);
        if (number > 0)
            end(number - 1, Exited{5});
        EXPECT_EQ(phase(operation), Phase::watching);
        happen(at(segment_length));
        ASSERT_EQ(runs.size(), number + 1);
    }
}

TEST_F(WatchPvmoveTest, NothingIsLookedAtBeforeThePromisedDelayIsOver) {
    happen_quietly(in_sync(0));
    start(request("+15"));
    raise_event();
    advance(15s - KernelWatch::longest_pause - 1ns);
    EXPECT_EQ(simulated.looks(), 0U);
    EXPECT_TRUE(runs.empty());
    advance(1ns);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, AnUntrueSuccessDoesNotEndThePromisedDelay) {
    shared_locks = true;
    happen_quietly(copying(0));
    const auto operation = start(request("+15"));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].interval, "+15");
    advance(1s);
    shared_locks = false;
    happen_quietly(in_sync(0));
    end(0, Exited{0});
    advance(14s - 1ns);
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(runs.size(), 1U);
    advance(1ns);
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchPvmoveTest, AFailedAbortDoesNotProlongThePromisedDelay) {
    happen_quietly(in_sync(0));
    start(request("+15"));
    advance(10s);
    start_abort();
    end(0, Exited{5});
    advance(5s);
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchPvmoveTest, ALostEventIsNoticedAtTheInterval) {
    start_copying();
    happen_quietly(in_sync(0));
    advance(15s - 1ns);
    EXPECT_TRUE(runs.empty());
    advance(1ns);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, AnEventBetweenTheLookAndTheWaitIsNotLost) {
    kernel.after_look = [this] {
        kernel.after_look = nullptr;
        simulated.set(lvid, in_sync(0));
    };
    start_copying();
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, EventsOfOtherDevicesWakeNobody) {
    start_copying();
    const auto looks = simulated.looks();
    for (int i = 0; i < 10; ++i)
        raise_event();
    EXPECT_EQ(simulated.looks(), looks);
}

TEST_F(WatchPvmoveTest, EventsInQuickSuccessionAreAllNoticed) {
    start_copying();
    happen(copying(0));
    simulated.set(lvid, in_sync(0));
    settle();
    advance(KernelWatch::shortest_pause);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, ASilentTableSwapIsNoticedAtAnyEvent) {
    start_stepping();
    happen_quietly(copying(1));
    raise_event();
    EXPECT_EQ(runs[0].terminations, 1);
}

TEST_F(WatchPvmoveTest, ATableSwapIsNoticedAtTheInterval) {
    start_stepping();
    happen_quietly(copying(1));
    advance(15s - 1ns);
    EXPECT_EQ(runs[0].terminations, 0);
    advance(1ns);
    EXPECT_EQ(runs[0].terminations, 1);
}

TEST_F(WatchPvmoveTest, LvpollThatFindsNothingToCommitStays) {
    start_stepping();
    for (int i = 0; i < 100; ++i)
        advance(15s);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 0);
}

/// How lvpoll ends and whether that is the result.
struct End {
    ExitStatus status;
    bool after_sigterm;
    std::optional<Result> result;
};

class WatchedEndTest : public WatchTest, public testing::WithParamInterface<End> {};

TEST_P(WatchedEndTest, IsAResultUnlessOurOwnSigtermDidIt) {
    const auto operation = start_stepping();
    if (GetParam().after_sigterm)
        happen(copying(1));
    if (GetParam().status == ExitStatus(Exited{0}))
        succeed(0);
    else
        end(0, GetParam().status);
    EXPECT_EQ(result(operation), GetParam().result);
    EXPECT_EQ(runs.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchedEndTest,
    testing::Values(End{Exited{0}, false, Exited{0}}, End{Exited{5}, false, Exited{5}},
                    End{Killed{SIGTERM}, false, Killed{SIGTERM}},
                    End{Killed{SIGKILL}, false, Killed{SIGKILL}}, End{Exited{0}, true, Exited{0}},
                    End{Exited{3}, true, Exited{3}}, End{Killed{SIGKILL}, true, Killed{SIGKILL}},
                    End{Exited{5}, true, std::nullopt}, End{Killed{SIGTERM}, true, std::nullopt}));

TEST_F(WatchPvmoveTest, ARequestThatJoinsBeforeTheStepIsServedByIt) {
    const auto operation = start_copying();
    start(request());
    happen(in_sync(0));
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchPvmoveTest, ARequestThatJoinsAStepMakesForOneMoreLook) {
    const auto operation = start_stepping();
    start(request());
    happen_quietly(copying(0));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::watching);
    happen(in_sync(0));
    ASSERT_EQ(runs.size(), 2U);
    succeed(1);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(ended, 1);
}

TEST_F(WatchPvmoveTest, AfterThreeIdleStepsLvpollIsLeftAlone) {
    const auto operation = start_copying();
    launcher.on_launch = [this] { simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"}); };
    happen(in_sync(0));
    for (std::size_t step = 0; step < 3; ++step) {
        ASSERT_EQ(runs.size(), step + 1);
        EXPECT_EQ(phase(operation), Phase::stepping);
        EXPECT_EQ(runs[step].terminations, 1);
        simulated.quietly_set(other_lvid, dm::Inactive{});
        if (step == 2)
            launcher.on_launch = nullptr;
        end(step, Killed{SIGTERM});
    }
    ASSERT_EQ(runs.size(), 4U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[3].interval, "15");
    EXPECT_TRUE(log.has(LogLevel::warning, "3 steps changed nothing"));
    happen(copying(1));
    advance(1h);
    EXPECT_EQ(runs[3].terminations, 0) << "for good";
    EXPECT_EQ(runs.size(), 4U);
    succeed(3);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

} // namespace
} // namespace lvmpolld
