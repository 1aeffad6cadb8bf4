// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// What an operation says while it waits.
class WatchWaitsTest : public WatchTest {
protected:
    std::shared_ptr<Operation> start_with_failed_leg() {
        auto copy = copying(0);
        make_unhealthy(copy);
        happen_quietly(copy);
        return start(request_for(OperationType::convert));
    }

    static std::string waits_for(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().waits_for;
    }
};

TEST_F(WatchWaitsTest, NamesTheHolderOfTheLockAfterTenSeconds) {
    lock_holder = LockHolder{812, "vgcreate"};
    const auto operation = start_stepping();
    advance(10s - 1ns);
    EXPECT_EQ(waits_for(operation), "");
    advance(1ns);
    EXPECT_EQ(waits_for(operation), "waiting for the lock of vg, held by vgcreate[812]");
    EXPECT_EQ(log.count(LogLevel::warning, "vgcreate[812]"), 1U);
}

TEST_F(WatchWaitsTest, NamesTheHolderOnceInTheLog) {
    lock_holder = LockHolder{812, "vgcreate"};
    const auto operation = start_stepping();
    for (int time = 0; time < 9; ++time)
        advance(10s);
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
    lock_holder.reset();
    advance(10s);
    EXPECT_EQ(waits_for(operation), "");
}

TEST_F(WatchWaitsTest, NamesNobodyWhereNobodyHoldsTheLock) {
    const auto operation = start_stepping();
    advance(10s);
    EXPECT_EQ(waits_for(operation), "");
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
}

TEST_F(WatchWaitsTest, NamesTheHolderThatAnAbortWaitsFor) {
    lock_holder = LockHolder{812, "vgcreate"};
    start_abort();
    advance(10s);
    EXPECT_NE(waits_for(abort), "");
}

TEST_F(WatchWaitsTest, SaysOnceThatAFailedLegHoldsItUp) {
    const auto operation = start_with_failed_leg();
    for (int time = 0; time < 9; ++time)
        advance(10s);
    EXPECT_EQ(log.count(LogLevel::warning, "stuck"), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "lvconvert"));
    EXPECT_NE(waits_for(operation), "");
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchWaitsTest, DoesNotCallACopyStuckThatMoves) {
    start_with_failed_leg();
    for (std::uint64_t copied = 200; copied < segment_length; copied += 100) {
        auto copy = segment(0, copied);
        make_unhealthy(copy);
        happen_quietly(copy);
        advance(10s);
    }
    EXPECT_EQ(log.count(LogLevel::warning, "stuck"), 0U);
}

TEST_F(WatchWaitsTest, NamesTheWayOutOfALvThatIsLeftBehind) {
    const auto operation = start_stepping();
    happen(dm::NotCopying{"vg", "lv", true});
    end(0, Exited{5});
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_TRUE(log.has(LogLevel::error, "lvremove vg/lv"));
}

TEST_F(WatchWaitsTest, DoesNotCallAFailedMergeInSync) {
    auto failed = dm::SimulatedKernel::merge(lvid, "vg", "lv", 700);
    failed.failed = true;
    happen_quietly(failed);
    start(request_for(OperationType::merge));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_FALSE(log.has(LogLevel::debug, "sync"));
}

} // namespace
} // namespace lvmpolld
