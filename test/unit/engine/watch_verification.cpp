// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

#include <algorithm>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

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
    start(request_for(OperationType::convert));
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
    const auto conversion = request_for(OperationType::convert);
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

TEST_F(WatchVerificationTest, ACopyOntoAnotherDiskIsAnotherCopy) {
    start_verifying();
    auto other = in_sync(0);
    std::get<dm::Mirror>(other.target).legs[1].device = makedev(7, 9);
    happen_quietly(other);
    finish_comparison(equal);
    run_until([this] { return comparison.started() == 2; });
    EXPECT_TRUE(runs.empty());
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

TEST_F(WatchVerificationTest, ACopyThatBeginsAnewIsComparedAnew) {
    start_verifying();
    finish_comparison(equal);
    run_until([this] { return runs.size() == 1; });
    happen(dm::Inactive{});
    EXPECT_EQ(runs[0].terminations, 0);
    happen(copying(0)); // under the same LVID, from the same sector
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Killed{SIGTERM});
    ++errors.now.errors;
    happen(in_sync(0));
    run_until([this] { return comparison.started() == 2; });
    EXPECT_EQ(runs.size(), 1U);
}

} // namespace
} // namespace lvmpolld
