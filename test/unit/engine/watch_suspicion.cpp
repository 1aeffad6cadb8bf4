// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

namespace lvmpolld {
namespace {

/// What makes a copy suspect, so that it is compared.
class WatchSuspicionTest : public WatchVerificationTest {
protected:
    /// The first two segments are compared, each once, and committed.
    void expect_each_segment_is_compared_once() {
        const auto operation = start_copying();
        happen(in_sync(0));
        EXPECT_EQ(phase(operation), Phase::verifying);
        finish_comparison(equal);
        ASSERT_EQ(runs.size(), 1U);
        happen(in_sync(1));
        end(0, Exited{5});
        EXPECT_EQ(phase(operation), Phase::verifying);
        finish_comparison(equal);
        EXPECT_EQ(runs.size(), 2U);
        EXPECT_EQ(comparison.started(), 2U);
    }
};

TEST_F(WatchSuspicionTest, ACopyThatNothingSpeaksAgainstIsNotCompared) {
    start_stepping();
    EXPECT_EQ(comparison.started(), 0U);
}

TEST_F(WatchSuspicionTest, AKernelMessageDuringTheCopyMakesItSuspect) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchSuspicionTest, AnEarlierKernelMessageMakesTheFirstSuspect) {
    errors.now.errors = 1;
    const auto operation = start_copying();
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchSuspicionTest, EarlierLostMessagesMakeNothingSuspect) {
    errors.now.losses = 1;
    start_copying();
    happen(in_sync(0));
    EXPECT_EQ(comparison.started(), 0U);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchSuspicionTest, MessagesLostDuringTheCopyMakeItSuspect) {
    const auto operation = start_copying();
    ++errors.now.losses;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchSuspicionTest, OldKernelMessagesMakeNoLaterSegmentSuspect) {
    errors.now.errors = 1;
    start_copying();
    happen(in_sync(0));
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    happen(copying(1));
    end(0, Exited{5});
    happen(in_sync(1));
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchSuspicionTest, AMessageDuringTheStepMakesTheNextSuspect) {
    const auto operation = start_stepping();
    ++errors.now.errors; // lvpoll has swapped the table already, nobody has looked yet
    happen(copying(1));
    end(0, Exited{5});
    happen(in_sync(1));
    EXPECT_EQ(phase(operation), Phase::verifying);
    run_until([this] { return comparison.started() == 1; });
    EXPECT_EQ(comparison.segment_start(), segment_length);
}

TEST_F(WatchSuspicionTest, AnErrorCounterThatRisesMakesTheCopySuspect) {
    errors.now.disk_errors = 7;
    const auto operation = start_copying();
    ++*errors.now.disk_errors;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchSuspicionTest, AnErrorCounterThatStaysIsNothing) {
    errors.now.disk_errors = 7;
    start_stepping();
}

TEST_F(WatchSuspicionTest, AHealthLetterSeenDuringTheCopyMakesItSuspect) {
    const auto operation = start_copying();
    auto unhealthy = copying(0);
    make_unhealthy(unhealthy);
    happen(unhealthy);
    happen(in_sync(0)); // the kernel shows AA again
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchSuspicionTest, AHealthLetterDoesNotMakeTheNextSuspect) {
    auto unhealthy = copying(0);
    make_unhealthy(unhealthy);
    happen_quietly(unhealthy);
    start(request());
    happen(in_sync(0));
    finish_comparison(equal);
    happen(copying(1));
    end(0, Exited{5});
    happen(in_sync(1));
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchSuspicionTest, AlwaysComparesEverySegment) {
    watching.trust.policy = Verify::always;
    expect_each_segment_is_compared_once();
}

TEST_F(WatchSuspicionTest, NeverComparesNothing) {
    watching.trust.policy = Verify::never;
    auto unhealthy = copying(0);
    make_unhealthy(unhealthy);
    happen_quietly(unhealthy);
    start(request());
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchSuspicionTest, MessagesDoNotProlongAComparison) {
    start_verifying();
    ++errors.now.errors; // of some other mirror: this one is in sync
    finish_comparison(equal);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchSuspicionTest, ALegThatStaysUnhealthyIsComparedOnce) {
    auto unhealthy = in_sync(0);
    make_unhealthy(
        unhealthy); // a write to it failed after it was in sync: nothing resets the letter
    happen_quietly(unhealthy);
    const auto operation = start(request());
    EXPECT_EQ(phase(operation), Phase::verifying);
    finish_comparison(equal);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchSuspicionTest, WithoutTheLogEachSegmentIsComparedOnce) {
    errors.each_time_another = true;
    expect_each_segment_is_compared_once();
}

TEST_F(WatchSuspicionTest, WhatAnEarlierDaemonSuspectedIsCompared) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    const auto operation = start_copying();
    happen(in_sync(0));
    ASSERT_EQ(phase(operation), Phase::verifying);
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
    happen(in_sync(1));
    end(0, Exited{5});
    EXPECT_EQ(comparison.started(), 1U) << "the next segment never was";
}

TEST_F(WatchSuspicionTest, SuspicionHoldsForEveryOperationOnACopy) {
    const auto first = start_copying();
    ++errors.now.losses;
    happen(segment(0, segment_length / 2));
    auto other = request();
    other.identity = Identity(lvid, "/etc/other");
    const auto second = start(other); // as a later daemon would see it, too
    happen(in_sync(0));
    EXPECT_EQ(phase(first), Phase::verifying);
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(phase(second), Phase::verifying);
    finish_comparison(equal);
    EXPECT_EQ(comparison.started(), 1U) << "they share it";
}

TEST_F(WatchSuspicionTest, AHealthLetterIsRememberedUntilTheLegsAreEqual) {
    start_copying();
    auto copy = copying(0);
    make_unhealthy(copy);
    happen(copy);
    EXPECT_TRUE(watching.trust.suspects.contains({copy.uuid, 0}));
    auto done = in_sync(0);
    make_unhealthy(done); // a leg that stays unhealthy
    happen(done);
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
    EXPECT_FALSE(watching.trust.suspects.contains({copy.uuid, 0}));
}

} // namespace
} // namespace lvmpolld
