// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// Merges, conversions, and what isn't watched.
class WatchOthersTest : public WatchTest {
protected:
    PollRequest merge_request(std::string_view interval = "15") const {
        return request_for(OperationType::merge, interval);
    }

    dm::Copy merging(std::uint64_t remaining) const {
        return dm::SimulatedKernel::merge(lvid, "vg", "lv", remaining);
    }

    /// Expects that the next look is when `time` has passed.
    void expect_look_after(std::chrono::nanoseconds time) {
        const auto looks = simulated.looks();
        advance(time - 1ms);
        EXPECT_EQ(simulated.looks(), looks) << "too early";
        advance(1ms);
        EXPECT_EQ(simulated.looks(), looks + 1) << "too late";
    }
};

TEST_F(WatchOthersTest, AConversionIsWatchedInOneSegment) {
    const auto at = [this](std::uint64_t copied) {
        return dm::SimulatedKernel::mirror(lvid, "vg", "lv", copied, 800, 0, 800);
    };
    happen_quietly(at(300));
    const auto operation = start(request_for(OperationType::convert));
    EXPECT_EQ(phase(operation), Phase::watching);
    EXPECT_EQ(operation->snapshot().progress, (Progress{300, 800}));
    happen(at(800));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].request.type, OperationType::convert);
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(runs[0].terminations, 0);
}

TEST_F(WatchOthersTest, AMergeOfUnknownSpeedIsSampledOften) {
    happen_quietly(merging(1000));
    const auto operation = start(merge_request());
    EXPECT_EQ(phase(operation), Phase::watching);
    for (int i = 0; i < 3; ++i)
        expect_look_after(200ms);
    EXPECT_EQ(operation->snapshot().progress, (Progress{0, 1000}));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchOthersTest, AMergeIsSampledAtHalfOfTheTimeLeft) {
    happen_quietly(merging(1000));
    const auto operation = start(merge_request());
    happen_quietly(merging(900));
    expect_look_after(200ms); // 100 in 0.2 s: 1.8 s left
    EXPECT_EQ(operation->snapshot().progress, (Progress{100, 1000}));
    happen_quietly(merging(450));
    expect_look_after(900ms); // 550 in 1.1 s: 0.9 s left
    happen_quietly(merging(200));
    expect_look_after(450ms);
}

TEST_F(WatchOthersTest, ASlowMergeIsSampledAtTheInterval) {
    happen_quietly(merging(1000000));
    start(merge_request("4"));
    happen_quietly(merging(999999));
    expect_look_after(200ms);
    expect_look_after(4s);
    expect_look_after(4s);
}

TEST_F(WatchOthersTest, AMergeIsSampledFiveTimesASecondAtMost) {
    happen_quietly(merging(1000));
    start(merge_request());
    happen_quietly(merging(1));
    expect_look_after(200ms);
    expect_look_after(200ms);
}

TEST_F(WatchOthersTest, TheEndOfAMergeRecallsLvpollWithoutAnEvent) {
    happen_quietly(merging(1000));
    const auto operation = start(merge_request());
    happen_quietly(merging(0));
    advance(200ms);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::stepping);
    EXPECT_EQ(operation->snapshot().progress, (Progress{1000, 1000}));
    happen(dm::NotCopying{"vg", "lv"});
    EXPECT_EQ(runs[0].terminations, 0);
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchOthersTest, AMergeIsNeverCompared) {
    watching.trust.policy = Verify::always;
    ++errors.now.errors;
    happen_quietly(merging(0));
    start(merge_request());
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchOthersTest, AMergeThatFailedIsLeftToLvpoll) {
    auto failed = merging(700);
    failed.failed = true;
    happen_quietly(failed);
    const auto operation = start(merge_request());
    ASSERT_EQ(runs.size(), 1U);
    end(0, Exited{5});
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchOthersTest, AMergeThatHasNotBegunIsLeftToLvpollAtOnce) {
    happen_quietly(dm::NotCopying{"vg", "lv"});
    const auto operation = start(merge_request());
    ASSERT_EQ(runs.size(), 1U);
    end(0, Exited{5});
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchOthersTest, AMergeThatBeginsAfterTheLastLookIsWatched) {
    happen_quietly(dm::NotCopying{"vg", "lv"});
    const auto operation = start(merge_request());
    happen_quietly(merging(1000));
    start(merge_request()); // the activation's request
    end(0, Exited{5});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchOthersTest, AMergeThatBeginsBesideLvpollIsWatched) {
    happen_quietly(dm::NotCopying{"vg", "lv"});
    const auto operation = start(merge_request());
    happen_quietly(merging(1000));
    advance(15s);
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Exited{5});
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchOthersTest, ASecondMergeThatJoinsAStepIsWatched) {
    happen_quietly(merging(0));
    const auto operation = start(merge_request());
    start(merge_request());
    happen_quietly(dm::SimulatedKernel::merge(lvid, "vg", "lv", 5000, makedev(7, 3)));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(operation->snapshot().progress, (Progress{0, 5000}));
    happen_quietly(merging(0));
    advance(15s);
    ASSERT_EQ(runs.size(), 2U);
    succeed(1);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchOthersTest, AThinMergeIsLeftToAResidentLvpoll) {
    happen_quietly(copying(0));
    const auto operation = start(request_for(OperationType::merge_thin, "+0"));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[0].interval, "+0");
    EXPECT_EQ(simulated.looks(), 0U);
}

TEST_F(WatchOthersTest, AnUnknownTargetIsLeftToAResidentLvpoll) {
    happen_quietly(dm::Unwatchable{"unknown target: raid"});
    const auto operation = start(request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[0].interval, "15");
    EXPECT_TRUE(log.has(LogLevel::warning, "unknown target: raid"));
    happen(copying(0));
    advance(1h);
    EXPECT_EQ(runs[0].terminations, 0);
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchOthersTest, WithoutDeviceMapperLvpollIsResident) {
    simulated.set_available(false);
    const auto operation = start(request("+15"));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[0].interval, "+15");
    EXPECT_EQ(simulated.looks(), 0U);
}

TEST_F(WatchOthersTest, UnderLvmlockdLvpollIsResident) {
    shared_locks = true;
    happen_quietly(in_sync(0));
    const auto operation = start(request("+15"));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[0].interval, "+15");
}

TEST_F(WatchOthersTest, AResidentLvpollOfABadCopyIsWarnedOf) {
    shared_locks = true;
    start(request());
    start(poll_request(other_lvid));
    EXPECT_EQ(log.count(LogLevel::warning, "would commit a bad copy"), 2U);
}

TEST_F(WatchOthersTest, AResidentMergeIsNoReasonForAWarning) {
    shared_locks = true;
    start(merge_request());
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
}

TEST_F(WatchOthersTest, AnAbortIsOneLvpollAtOnce) {
    happen_quietly(copying(0));
    start_abort();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_TRUE(runs[0].request.abort);
    EXPECT_EQ(runs[0].interval, "0");
    EXPECT_EQ(runs[0].terminations, 0);
    succeed(0);
    EXPECT_EQ(result(abort), Result(Exited{0}));
}

TEST_F(WatchOthersTest, AnAbortOfALvWhoseNameIsAnothersDoesNothing) {
    simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"});
    start_abort();
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(abort), Result(Exited{0}));
}

TEST_F(WatchOthersTest, AnAbortWhoseNameIsReusedAtItsSpawnIsStopped) {
    happen_quietly(copying(0));
    launcher.on_launch = [this] {
        simulated.quietly_set(lvid, dm::Inactive{});
        simulated.quietly_set(other_lvid, copying(0));
    };
    start_abort();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Killed{SIGTERM});
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(result(abort), Result(Exited{0}));
}

} // namespace
} // namespace lvmpolld
