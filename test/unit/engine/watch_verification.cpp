// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

#include <algorithm>
#include <new>
#include <system_error>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

class WatchVerificationTest : public WatchTest {
protected:
    const verify::Outcome equal = verify::Equal{segment_length};
    const verify::Outcome different = verify::Different{{"/dev/sda", 2048}, {"/dev/sdb", 4711}, 8};
    const verify::Outcome unreadable = verify::Unreadable{{"/dev/sdb", 4711}, EIO};
};

TEST_F(WatchVerificationTest, ACopyThatNothingSpeaksAgainstIsNotCompared) {
    start_stepping();
    EXPECT_EQ(comparison.started(), 0U);
}

TEST_F(WatchVerificationTest, AKernelMessageDuringTheCopyMakesItSuspect) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchVerificationTest, AnEarlierKernelMessageMakesTheFirstSuspect) {
    errors.now.errors = 1;
    const auto operation = start_copying();
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchVerificationTest, EarlierLostMessagesMakeNothingSuspect) {
    errors.now.losses = 1;
    start_copying();
    happen(in_sync(0));
    EXPECT_EQ(comparison.started(), 0U);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchVerificationTest, MessagesLostDuringTheCopyMakeItSuspect) {
    const auto operation = start_copying();
    ++errors.now.losses;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchVerificationTest, SuspectIsNotLeftToLvpollUnderLvmlockd) {
    const auto operation = start_copying();
    ++errors.now.errors;
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_TRUE(log.has(LogLevel::error, "NOT committed"));
    EXPECT_TRUE(log.has(LogLevel::error, "lvmlockd"));
}

TEST_F(WatchVerificationTest, ACopyThatNothingSpeaksAgainstIsLeftToOne) {
    start_copying();
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "would commit a bad copy, too"));
}

TEST_F(WatchVerificationTest, SuspectIsNotLeftToLvpollIfNotUnderstood) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(dm::Unwatchable{"odd"});
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchVerificationTest, OldKernelMessagesMakeNoLaterSegmentSuspect) {
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

TEST_F(WatchVerificationTest, AMessageDuringTheStepMakesTheNextSuspect) {
    const auto operation = start_stepping();
    ++errors.now.errors; // lvpoll has swapped the table already, nobody has looked yet
    happen(copying(1));
    end(0, Exited{5});
    happen(in_sync(1));
    EXPECT_EQ(phase(operation), Phase::verifying);
    run_until([this] { return comparison.started() == 1; });
    EXPECT_EQ(comparison.segment_start(), segment_length);
}

TEST_F(WatchVerificationTest, AnErrorCounterThatRisesMakesTheCopySuspect) {
    errors.now.disk_errors = 7;
    const auto operation = start_copying();
    ++*errors.now.disk_errors;
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchVerificationTest, AnErrorCounterThatStaysIsNothing) {
    errors.now.disk_errors = 7;
    start_stepping();
}

TEST_F(WatchVerificationTest, AHealthLetterSeenDuringTheCopyMakesItSuspect) {
    const auto operation = start_copying();
    auto unhealthy = copying(0);
    make_unhealthy(unhealthy);
    happen(unhealthy);
    happen(in_sync(0)); // the kernel shows AA again
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchVerificationTest, AHealthLetterDoesNotMakeTheNextSuspect) {
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

TEST_F(WatchVerificationTest, EqualLegsAreCommittedAndTheLogSaysSo) {
    const auto operation = start_verifying();
    EXPECT_TRUE(log.has(LogLevel::warning, "comparing both legs"));
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::stepping);
    EXPECT_TRUE(log.has(LogLevel::warning, "both legs are equal (1000 sectors)"));
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchVerificationTest, DifferentLegsAreNotCommitted) {
    const auto operation = start_verifying();
    finish_comparison(different);
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
    for (const auto* text : {"/dev/sdb", "4711", "pvmove --abort", "NOT committed"})
        EXPECT_TRUE(log.has(LogLevel::error, text)) << text;
    advance(1h);
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchVerificationTest, ABadConversionNamesItsOwnWayOut) {
    happen_quietly(dm::SimulatedKernel::mirror(lvid, "vg", "lv", 9, 9, 0, 9));
    errors.now.errors = 1;
    auto conversion = request();
    conversion.type = OperationType::convert;
    start(conversion);
    finish_comparison(different);
    EXPECT_TRUE(log.has(LogLevel::error, "lvconvert -m0"));
    EXPECT_FALSE(log.has(LogLevel::error, "pvmove"));
}

TEST_F(WatchVerificationTest, LegsThatCannotBeReadAreNotCommitted) {
    const auto operation = start_verifying();
    finish_comparison(unreadable);
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_TRUE(
        log.has(LogLevel::error, "sector 4711 of /dev/sdb can't be read: Input/output error"));
    EXPECT_TRUE(log.has(LogLevel::error, "pvmove --abort"));
}

TEST_F(WatchVerificationTest, AComparisonThatFailsIsNoReasonToCommit) {
    for (const bool out_of_memory : {false, true}) {
        watching.trust.compare = [=](const dm::Copy&, const std::stop_token&) -> verify::Outcome {
            if (out_of_memory)
                throw std::bad_alloc();
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
        };
        const auto operation = start_copying();
        ++errors.now.errors;
        happen(in_sync(0));
        run_until([&] { return result(operation).has_value(); });
        EXPECT_EQ(result(operation), Result(Exited{5}));
        EXPECT_TRUE(runs.empty());
    }
}

/// A comparison for which there is no thread.
struct WithoutThread {
    bool armed = false;
    WithoutThread() = default;
    WithoutThread(WithoutThread&&) = default;
    WithoutThread& operator=(const WithoutThread&) = default;

    WithoutThread(const WithoutThread& other) : armed(other.armed) {
        if (armed)
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
    }

    verify::Outcome operator()(const dm::Copy&, const std::stop_token&) const {
        return verify::Equal{1};
    }
};

TEST_F(WatchVerificationTest, WhatCannotBeComparedIsNotCommitted) {
    watching.trust.compare = WithoutThread();
    watching.trust.compare.target<WithoutThread>()->armed = true;
    start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchVerificationTest, SuspectIsNotLeftToLvpollIfTheKernelRefuses) {
    const auto operation = start_copying();
    ++errors.now.errors;
    happen_quietly(in_sync(0));
    simulated.fail_with(EIO);
    advance(15s);
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchVerificationTest, AlwaysComparesEverySegment) {
    watching.trust.policy = Verify::always;
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

TEST_F(WatchVerificationTest, EqualIsLeftToLvpollIfTheKernelRefuses) {
    watching.trust.policy = Verify::always;
    const auto operation = start_copying();
    happen(in_sync(0));
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    simulated.fail_with(EIO);
    advance(15s);
    end(0, Exited{5});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::resident);
}

TEST_F(WatchVerificationTest, NeverComparesNothing) {
    watching.trust.policy = Verify::never;
    auto unhealthy = copying(0);
    make_unhealthy(unhealthy);
    happen_quietly(unhealthy);
    start(request());
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchVerificationTest, ASegmentThatWaitsForItsSlotIsComparedOnce) {
    auto neighbour = poll_request(other_lvid);
    neighbour.lvname = "neighbour";
    simulated.quietly_set(other_lvid,
                          dm::SimulatedKernel::mirror(other_lvid, "vg", "neighbour", 9, 9, 0, 9));
    start(neighbour);
    ASSERT_EQ(runs.size(), 1U);
    const auto operation = start_verifying();
    finish_comparison(equal);
    EXPECT_EQ(phase(operation), Phase::watching);
    advance(15s);
    EXPECT_EQ(runs.size(), 1U);
    succeed(0);
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchVerificationTest, MessagesDoNotProlongAComparison) {
    start_verifying();
    ++errors.now.errors; // of some other mirror: this one is in sync
    finish_comparison(equal);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchVerificationTest, ALegThatStaysUnhealthyIsComparedOnce) {
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

TEST_F(WatchVerificationTest, WithoutTheLogEachSegmentIsComparedOnce) {
    errors.each_time_another = true;
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

TEST_F(WatchVerificationTest, EightAreComparedAtATime) {
    watching.trust.policy = Verify::always;
    std::vector<std::shared_ptr<Operation>> operations;
    for (char letter = 'c'; letter < 'c' + 9; ++letter) {
        const std::string id(64, letter);
        simulated.quietly_set(
            id, dm::SimulatedKernel::mirror(id, "vg", std::string(1, letter), 9, 9, 0, 9));
        operations.push_back(start(poll_request(id)));
    }
    const auto verifying = [&] {
        return std::count_if(operations.begin(), operations.end(), [](const auto& operation) {
            return phase(operation) == Phase::verifying;
        });
    };
    EXPECT_EQ(verifying(), 8);
    EXPECT_EQ(phase(operations.back()), Phase::watching);
    comparison.finish(equal);
    run_until([&] { return phase(operations.back()) == Phase::verifying; });
}

TEST_F(WatchVerificationTest, ALvRenamedDuringAComparisonIsPolled) {
    start_verifying();
    auto renamed = in_sync(0);
    renamed.vg = "new";
    happen(renamed);
    finish_comparison(equal);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "new/lv");
}

TEST_F(WatchVerificationTest, ACopyThatBeganAnewMeanwhileIsNotCommitted) {
    const auto operation = start_verifying();
    watching.trust.policy = Verify::always;
    happen(copying(0)); // inactive and active again: a core log starts from nothing
    run_until([&] { return phase(operation) == Phase::watching; });
    EXPECT_TRUE(runs.empty());
    happen(in_sync(0));
    EXPECT_EQ(phase(operation), Phase::verifying) << "it is another copy";
}

TEST_F(WatchVerificationTest, ARequestThatJoinsAComparisonHearsTheResult) {
    const auto operation = start_verifying();
    start(request());
    finish_comparison(different);
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchVerificationTest, TheStepAfterAComparisonServesWhoJoinedIt) {
    const auto operation = start_verifying();
    start(request());
    finish_comparison(equal);
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchVerificationTest, ASecondCopyIsNotTakenForTheComparedOne) {
    auto conversion = request();
    conversion.type = OperationType::convert;
    happen_quietly(copying(0));
    const auto operation = start(conversion);
    ++errors.now.errors;
    happen(in_sync(0));
    finish_comparison(equal);
    start(conversion); // joins for another conversion, which is in sync before anybody looks
    ++errors.now.errors;
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::verifying);
}

TEST_F(WatchVerificationTest, ANewRequestAfterABadCopyComparesAgain) {
    start_verifying();
    finish_comparison(different);
    const auto second = start(request());
    EXPECT_EQ(phase(second), Phase::verifying);
    finish_comparison(different);
    EXPECT_EQ(result(second), Result(Exited{5}));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchVerificationTest, ARefusedCopyIsComparedAgain) {
    const auto first = start_copying();
    auto copy = copying(0);
    make_unhealthy(copy);
    happen(copy);
    happen(in_sync(0));
    ASSERT_EQ(phase(first), Phase::verifying);
    finish_comparison(different);
    EXPECT_EQ(result(first), Result(Exited{5}));
    const auto second = start(request());
    ASSERT_EQ(phase(second), Phase::verifying);
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
}

TEST_F(WatchVerificationTest, WhatAnEarlierDaemonSuspectedIsCompared) {
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    const auto operation = start_copying();
    happen(in_sync(0));
    ASSERT_EQ(phase(operation), Phase::verifying);
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
    happen(in_sync(1));
    end(0, Exited{5});
    EXPECT_EQ(comparison.started(), 1U) << "the next segment never was";
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
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    shared_locks = true;
    const auto operation = std::get<Store::Accepted>(polls.accept(request())).operation;
    std::vector<Monitor::Unfinished> unfinished;
    unfinished.push_back({operation, Survivor{"poll-1", 7, FileDescriptor()}});
    monitor.take_up(std::move(unfinished));
    settle();
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchRefusedTest, IsForgottenWithTheSuccessfulEndOfItsOperation) {
    watching.trust.suspects.restore(
        {{copying(0).uuid, 0}, {copying(0).uuid, 1000}, {"LVM-" + other_lvid, 0}});
    start_copying();
    start_abort();
    happen_quietly(dm::Inactive{});
    end(0, Exited{0});
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(other_lvid));
}

TEST_F(WatchRefusedTest, IsForgottenWhenItsLvCopiesNothing) {
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    happen_quietly(dm::NotCopying{"vg", "lv"});
    start(request());
    end(0, Exited{0});
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchRefusedTest, IsRememberedWhileItsLvIsInactive) {
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    const auto operation = start(request());
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid)) << "its copy is in the metadata";
}

TEST_F(WatchRefusedTest, IsRememberedWhereTheKernelCannotBeAsked) {
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    simulated.set_available(false);
    start_abort();
    end(0, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchVerificationTest, WhatAlwaysCouldNotCompareIsRefusedAgain) {
    watching.trust.policy = Verify::always;
    const auto first = start_copying();
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_EQ(result(first), Result(Exited{5}));
    EXPECT_EQ(result(start(request())), Result(Exited{5}));
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchVerificationTest, WhatAlwaysRefusedIsComparedLater) {
    watching.trust.policy = Verify::always;
    start_copying();
    shared_locks = true;
    happen(in_sync(0));
    shared_locks = false;
    start(request());
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
}

TEST_F(WatchVerificationTest, ACopyOntoAnotherDiskIsAnotherCopy) {
    start_verifying();
    auto other = in_sync(0);
    std::get<dm::Mirror>(other.target).legs[1].device = makedev(7, 9);
    happen_quietly(other);
    finish_comparison(equal);
    run_until([this] { return comparison.started() == 2; });
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchRefusedTest, IsRememberedIfItIsThereAfterASuccessfulLvpoll) {
    watching.trust.suspects.restore({{copying(0).uuid, 0}});
    start_copying();
    start_abort();
    end(0, Exited{0});
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchVerificationTest, SuspicionHoldsForEveryOperationOnACopy) {
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

TEST_F(WatchVerificationTest, WhereNoCopyWasSeenAlwaysRefusesNothing) {
    watching.trust.policy = Verify::always;
    simulated.fail_with(EIO);
    const auto operation = start(request());
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "would commit a bad copy, too"));
}

TEST_F(WatchVerificationTest, AHealthLetterIsRememberedUntilTheLegsAreEqual) {
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

TEST_F(WatchVerificationTest, ARequestThatJoinsBeforeTheRefusalIsRefusedToo) {
    const auto operation = start_copying();
    ++errors.now.errors;
    start(request());
    shared_locks = true;
    happen(in_sync(0));
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchVerificationTest, AStepAfterAnAbortThatFailedComparesAsBefore) {
    const auto operation = start_verifying();
    start_abort();
    run_until([this] { return runs.size() == 1; });
    end(0, Exited{5});
    EXPECT_EQ(phase(operation), Phase::verifying);
    finish_comparison(different);
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(runs.size(), 1U);
}

} // namespace
} // namespace lvmpolld
