// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

#include <array>
#include <map>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// Several LVs at a time.
class WatchStepsTest : public WatchTest {
protected:
    struct Lv {
        std::string lvid;
        std::string vg;
        std::string name;
    };

    static Lv lv(unsigned number, std::string vg) {
        return {std::string(63, 'c') + static_cast<char>('a' + number), std::move(vg),
                "lv" + std::to_string(number)};
    }

    static dm::Copy at(const Lv& lv, unsigned number, std::uint64_t copied) {
        const auto start = number * segment_length;
        return dm::SimulatedKernel::mirror(lv.lvid, lv.vg, lv.name, start + copied, total, start,
                                           segment_length);
    }

    std::shared_ptr<Operation> start_in_sync(const Lv& lv) {
        simulated.quietly_set(lv.lvid, at(lv, 0, segment_length));
        auto asked = poll_request(lv.lvid);
        asked.vgname = lv.vg;
        asked.lvname = lv.name;
        return start(asked);
    }

    /// The next segment is copied.
    void progress(const Lv& lv, unsigned number) {
        clock.advance(KernelWatch::longest_pause);
        simulated.set(lv.lvid, at(lv, number, 1));
        settle();
    }
};

TEST_F(WatchStepsTest, OneAtATimeRunsInAVg) {
    const std::array lvs = {lv(0, "vg"), lv(1, "vg"), lv(2, "vg")};
    for (const auto& each : lvs)
        start_in_sync(each);
    ASSERT_EQ(runs.size(), 1U);
    progress(lvs[0], 1);
    EXPECT_EQ(runs.size(), 1U) << "not before the first is reaped";
    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 2U) << "the slot is handed on at once";
    succeed(1);
    ASSERT_EQ(runs.size(), 3U);
    succeed(2);
    EXPECT_EQ(ended, 2);
}

TEST_F(WatchStepsTest, ThoseOfOtherVgsRunSideBySideUpToEight) {
    std::vector<std::shared_ptr<Operation>> operations;
    for (unsigned number = 0; number < 10; ++number)
        operations.push_back(start_in_sync(lv(number, "vg" + std::to_string(number))));
    EXPECT_EQ(runs.size(), 8U);
    succeed(0);
    EXPECT_EQ(runs.size(), 9U);
    succeed(1);
    EXPECT_EQ(runs.size(), 10U);
    for (std::size_t run = 2; run < runs.size(); ++run)
        succeed(run);
    EXPECT_EQ(ended, 10);
}

TEST_F(WatchStepsTest, ALongOneGivesUpItsSlotAfterThirtySeconds) {
    start_in_sync(lv(0, "vg"));
    start_in_sync(lv(1, "vg"));
    advance(15s);
    advance(15s - 1ns);
    EXPECT_EQ(runs.size(), 1U);
    advance(1ns);
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].terminations, 0) << "it goes on";
    succeed(0);
    EXPECT_EQ(ended, 1);
}

TEST_F(WatchStepsTest, ALvIsLookedAtAgainOnceItHasASlot) {
    start_in_sync(lv(0, "vg"));
    const auto waiting = start_in_sync(lv(1, "vg"));
    simulated.quietly_set(lv(1, "vg").lvid, at(lv(1, "vg"), 1, 1)); // another lvpoll was there
    succeed(0);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(waiting), Phase::watching);
}

TEST_F(WatchStepsTest, WhatEndedWhileItWaitedForASlotIsNotWoken) {
    start_in_sync(lv(0, "vg"));
    const auto waiting = start_in_sync(lv(1, "vg"));
    shared_locks = true;
    advance(15s);
    ASSERT_EQ(runs.size(), 2U);
    succeed(1);
    EXPECT_EQ(result(waiting), Result(Exited{0}));
    succeed(0);
    EXPECT_EQ(ended, 2);
}

TEST_F(WatchStepsTest, ADecidingLvpollHasASlotToo) {
    for (unsigned number = 0; number < 3; ++number)
        start(poll_request(lv(number, "vg").lvid));
    ASSERT_EQ(runs.size(), 1U);
    succeed(0);
    EXPECT_EQ(runs.size(), 2U);
    succeed(1);
    EXPECT_EQ(runs.size(), 3U);
    succeed(2);
    EXPECT_EQ(ended, 3);
}

TEST_F(WatchStepsTest, ADecidingLvpollGivesUpItsSlotAfter3Seconds) {
    start(poll_request(lv(0, "vg").lvid));
    start_in_sync(lv(1, "vg"));
    advance(3s - 1ns);
    EXPECT_EQ(runs.size(), 1U);
    advance(1ns);
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].terminations, 0) << "it goes on";
}

TEST_F(WatchStepsTest, TheyTakeTurnsHoweverManySegmentsAreReady) {
    constexpr unsigned lvs = 4;
    for (unsigned number = 0; number < lvs; ++number)
        start_in_sync(lv(number, "vg"));
    std::map<std::string, unsigned> segments;
    for (std::size_t run = 0; run < std::size_t{2} * lvs; ++run) {
        ASSERT_EQ(runs.size(), run + 1);
        const auto& request = runs[run].request;
        const auto start = ++segments[request.lvname] * segment_length;
        const auto next =
            dm::SimulatedKernel::mirror(request.identity.lvid(), "vg", request.lvname,
                                        start + segment_length, total, start, segment_length);
        clock.advance(KernelWatch::longest_pause);
        simulated.set(std::string(request.identity.lvid()), next);
        settle();
        end(run, Exited{5});
    }
    EXPECT_EQ(segments.size(), lvs) << "each had a turn";
    for (const auto& [name, number] : segments)
        EXPECT_EQ(number, 2U) << name;
}

TEST_F(WatchStepsTest, TheFirstLvpollThatCannotBeStartedIsTheResult) {
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::execute, ENOENT};
    EXPECT_EQ(result(start_in_sync(lv(0, "vg"))), Result(Exited{101}));
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::redirect, EMFILE};
    EXPECT_EQ(result(start_in_sync(lv(1, "vg"))), Result(Exited{100}));
    EXPECT_EQ(log.count(LogLevel::error), 2U);
}

/// The second lvpoll of lv(0) can't be started.
class WatchLaterSpawnFailureTest : public WatchStepsTest {
protected:
    WatchLaterSpawnFailureTest() {
        progress(first, 1);
        end(0, Exited{5});
        launcher.fails_for = first.lvid;
        clock.advance(1s);
        simulated.set(first.lvid, at(first, 1, segment_length));
        settle();
        EXPECT_EQ(failures(), 1U);
    }

    std::size_t failures() const { return log.count(LogLevel::error); }

    const Lv first = lv(0, "vg");
    const std::shared_ptr<Operation> operation = start_in_sync(first);
};

TEST_F(WatchLaterSpawnFailureTest, IsTriedAgainWithGrowingPauses) {
    std::size_t expected = 1;
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
        advance(pause - 1ns);
        EXPECT_EQ(failures(), expected);
        advance(1ns);
        EXPECT_EQ(failures(), ++expected);
    }
    EXPECT_FALSE(result(operation));
    launcher.fails_for.clear();
    advance(60s);
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(phase(operation), Phase::stepping);
}

TEST_F(WatchLaterSpawnFailureTest, LooksAgainBeforeTheNextAttempt) {
    simulated.quietly_set(first.lvid, at(first, 2, 1));
    launcher.fails_for.clear();
    advance(1s);
    EXPECT_EQ(runs.size(), 1U) << "somebody else has committed the segment";
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchLaterSpawnFailureTest, LeavesTheSlotToOthersMeanwhile) {
    start_in_sync(lv(1, "vg"));
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchLaterSpawnFailureTest, DoesNotHoldUpAStop) {
    stop();
    EXPECT_EQ(stopped, 1);
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchLaterSpawnFailureTest, DoesNotHoldUpAnAbort) {
    launcher.fails_for.clear();
    auto asked = abort_request(first.lvid);
    asked.lvname = first.name;
    start(asked);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    EXPECT_EQ(phase(operation), Phase::fenced);
}

} // namespace
} // namespace lvmpolld
