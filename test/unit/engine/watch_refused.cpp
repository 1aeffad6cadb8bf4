// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// A copy that cannot be compared is refused, and one that was refused stays so.
using WatchUnverifiedTest = WatchVerificationTest;

TEST_F(WatchUnverifiedTest, SuspectIsNotLeftToLvpollUnderLvmlockd) {
    const auto operation = start_copying();
    ++errors.now.errors;
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_TRUE(log.has(LogLevel::error, "NOT committed"));
    EXPECT_TRUE(log.has(LogLevel::error, "lvmlockd"));
}

TEST_F(WatchUnverifiedTest, ACopyThatNothingSpeaksAgainstIsLeftToOne) {
    start_copying();
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "would commit a bad copy, too"));
}

TEST_F(WatchUnverifiedTest, SuspectIsNotLeftToLvpollIfNotUnderstood) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(dm::Unwatchable{"odd"});
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchUnverifiedTest, SuspectIsNotLeftToLvpollIfTheKernelRefuses) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen_quietly(in_sync(0));
    simulated.fail_with(EIO);
    advance(15s);
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchUnverifiedTest, EqualIsLeftToLvpollIfTheKernelRefuses) {
    const auto operation = start_verifying();
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    simulated.fail_with(EIO);
    advance(15s);
    end(0, Exited{5});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::resident);
}

TEST_F(WatchUnverifiedTest, AlwaysLeavesNoSegmentToAResidentLvpoll) {
    watching.trust.policy = Verify::always;
    const auto operation = start_copying();
    happen(in_sync(0));
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    simulated.fail_with(EIO);
    advance(15s);
    end(0, Exited{5});
    EXPECT_EQ(result(operation), Result(Exited{5})) << "nobody would compare the next segments";
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchUnverifiedTest, AlwaysWatchesOnAfterThreeIdleSteps) {
    watching.trust.policy = Verify::always;
    const auto operation = start_copying();
    happen(in_sync(0));
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
    for (std::size_t run = 0; run < 5; ++run) {
        ASSERT_EQ(runs.size(), run + 1);
        simulated.fail_with(EIO);
        advance(15s);
        simulated.fail_with(0);
        end(run, Exited{5});
        advance(64s);
    }
    EXPECT_EQ(phase(operation), Phase::stepping);
    happen(in_sync(1));
    end(runs.size() - 1, Exited{5});
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchUnverifiedTest, WhatAlwaysCouldNotCompareIsRefusedAgain) {
    watching.trust.policy = Verify::always;
    const auto first = start_copying();
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_EQ(result(first), Result(Exited{5}));
    EXPECT_EQ(result(start(request())), Result(Exited{5}));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchUnverifiedTest, WhatAlwaysRefusedIsComparedLater) {
    watching.trust.policy = Verify::always;
    start_copying();
    shared_locks = true;
    happen(in_sync(0));
    shared_locks = false;
    start(request());
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
}

TEST_F(WatchUnverifiedTest, WhereNoCopyWasSeenAlwaysRefusesNothing) {
    watching.trust.policy = Verify::always;
    simulated.fail_with(EIO);
    const auto operation = start(request());
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "would commit a bad copy, too"));
}

TEST_F(WatchUnverifiedTest, ARequestThatJoinsBeforeTheRefusalIsRefusedToo) {
    const auto operation = start_copying();
    ++errors.now.errors;
    start(request());
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

/// Why a copy that was refused can't be watched when it is asked for again.
class WatchRefusedTest : public WatchVerificationTest {
protected:
    void refuse() {
        const auto operation = start_verifying();
        finish_comparison(different);
        ASSERT_EQ(result(operation), Result(Exited{5}));
    }

    void expect_another_refusal() {
        EXPECT_EQ(result(start(request())), Result(Exited{5}));
        EXPECT_TRUE(runs.empty());
        EXPECT_EQ(log.count(LogLevel::error, "NOT committed"), 2U);
    }
};

TEST_F(WatchRefusedTest, IsNotLeftToAResidentLvpollUnderLvmlockd) {
    refuse();
    shared_locks = true;
    expect_another_refusal();
}

TEST_F(WatchRefusedTest, IsNotLeftToLvpollIfNotUnderstood) {
    refuse();
    happen_quietly(dm::Unwatchable{"its table doesn't stand still"});
    expect_another_refusal();
}

TEST_F(WatchRefusedTest, IsNotLeftToLvpollIfTheKernelRefuses) {
    refuse();
    simulated.fail_with(ENOMEM);
    expect_another_refusal();
}

TEST_F(WatchRefusedTest, IsNotLeftToTheLvpollOfAnEarlierDaemon) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    shared_locks = true;
    const auto operation = std::get<Store::Accepted>(polls.accept(request())).operation;
    take_up(Monitor::Unfinished{operation, Survivor{"poll-1", 7, FileDescriptor()}});
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

} // namespace
} // namespace lvmpolld
