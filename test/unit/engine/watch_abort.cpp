// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

#include <future>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// An abort, a stop or a failure comes while the operation is in each of its states.
class WatchInterruptedTest : public WatchTest {
protected:
    /// The abort's lvpoll runs as `run`: it ends, the LV is gone, and one more lvpoll settles the
    /// polling.
    void expect_settlement(const std::shared_ptr<Operation>& operation, std::size_t run) {
        ASSERT_EQ(runs.size(), run + 1);
        EXPECT_TRUE(runs[run].request.abort);
        EXPECT_EQ(phase(operation), Phase::fenced);
        happen(dm::Inactive{});
        advance(1h);
        ASSERT_EQ(runs.size(), run + 1) << "nothing is started while the abort runs";
        end(run, Exited{0});
        EXPECT_EQ(result(abort), Result(Exited{0}));
        ASSERT_EQ(runs.size(), run + 2);
        EXPECT_FALSE(runs[run + 1].request.abort);
        EXPECT_FALSE(result(operation));
        end(run + 1, Exited{0});
        EXPECT_EQ(result(operation), Result(Exited{0}));
        EXPECT_EQ(runs.size(), run + 2);
    }

    void expect_stopped(const std::shared_ptr<Operation>& operation) {
        EXPECT_EQ(stopped, 1);
        EXPECT_FALSE(result(operation));
        EXPECT_EQ(log.count(LogLevel::error), 0U);
    }

    /// vg/lv is in sync and waits for the step of vg/neighbour, which is run 0.
    std::shared_ptr<Operation> start_waiting_for_a_slot() {
        auto neighbour = poll_request(other_lvid);
        neighbour.lvname = "neighbour";
        simulated.quietly_set(
            other_lvid, dm::SimulatedKernel::mirror(other_lvid, "vg", "neighbour", 9, 9, 0, 9));
        start(neighbour);
        happen_quietly(in_sync(0));
        auto operation = start(request());
        EXPECT_EQ(runs.size(), 1U);
        return operation;
    }
};

TEST_F(WatchInterruptedTest, AnAbortWhileTheKernelCopiesRunsAtOnce) {
    const auto operation = start_copying();
    start_abort();
    expect_settlement(operation, 0);
}

TEST_F(WatchInterruptedTest, AnAbortBeforeTheFirstLookRunsAtOnce) {
    happen_quietly(copying(0));
    const auto operation = start(request("+15"));
    start_abort();
    expect_settlement(operation, 0);
}

TEST_F(WatchInterruptedTest, AnAbortDuringAStepWaitsForItsLvpoll) {
    const auto operation = start_stepping();
    start_abort();
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(runs.size(), 1U);
    end(0, Exited{5});
    expect_settlement(operation, 1);
}

TEST_F(WatchInterruptedTest, AnAbortDuringAComparisonCancelsIt) {
    const auto operation = start_verifying();
    start_abort();
    run_until([this] { return !runs.empty(); });
    expect_settlement(operation, 0);
    EXPECT_EQ(comparison.started(), 1U);
}

TEST_F(WatchInterruptedTest, AnAbortOfALvThatWaitsForItsSlotRunsAtOnce) {
    const auto operation = start_waiting_for_a_slot();
    start_abort();
    expect_settlement(operation, 1);
}

TEST_F(WatchInterruptedTest, AnAbortWaits10SecondsForAComparison) {
    std::promise<void> end_of_reading;
    watching.trust.compare = [reading = end_of_reading.get_future().share()](
                                 const dm::Copy&, const std::stop_token&, verify::Compared&) {
        reading.wait(); // a disk that doesn't answer
        return verify::Outcome(verify::Cancelled{});
    };
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    start_abort();
    advance(10s - 1ns);
    EXPECT_TRUE(runs.empty());
    advance(1ns);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(log.count(LogLevel::warning), 2U);
    EXPECT_FALSE(log.has(LogLevel::warning, "lvpoll[-1]"));
    EXPECT_EQ(phase(operation), Phase::fenced) << "the comparison is left to itself";
    expect_settlement(operation, 0);
    end_of_reading.set_value();
}

TEST_F(WatchInterruptedTest, AfterAnAbortThatFailedTheCopyIsWatchedAgain) {
    const auto operation = start_copying();
    start_abort();
    end(0, Exited{5});
    EXPECT_EQ(result(abort), Result(Exited{5}));
    EXPECT_EQ(phase(operation), Phase::watching);
    EXPECT_EQ(runs.size(), 1U);
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(WatchInterruptedTest, AStopWhileTheKernelCopiesIsImmediate) {
    const auto operation = start_copying();
    stop();
    expect_stopped(operation);
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchInterruptedTest, AStopBeforeTheFirstLookIsImmediate) {
    const auto operation = start(request("+15"));
    stop();
    expect_stopped(operation);
}

TEST_F(WatchInterruptedTest, AStopDuringAStepWaitsForItsLvpoll) {
    const auto operation = start_stepping();
    stop();
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(stopped, 0);
    end(0, Killed{SIGTERM});
    expect_stopped(operation);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchInterruptedTest, AStopDuringAComparisonCancelsIt) {
    const auto operation = start_verifying();
    stop();
    run_until([this] { return stopped > 0; });
    expect_stopped(operation);
    EXPECT_TRUE(runs.empty());
}

TEST_F(WatchInterruptedTest, AStopOfALvThatWaitsForItsSlotIsImmediate) {
    const auto operation = start_waiting_for_a_slot();
    stop();
    end(0, Killed{SIGTERM});
    expect_stopped(operation);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchInterruptedTest, AStopDuringAnAbortIsOverWithItsLvpoll) {
    const auto operation = start_copying();
    start_abort();
    stop();
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Killed{SIGTERM});
    expect_stopped(operation);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchInterruptedTest, IfTheKernelRefusesLaterLvpollIsResident) {
    const auto operation = start_copying();
    simulated.fail_with(EIO);
    advance(15s);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(runs[0].interval, "15");
    EXPECT_TRUE(log.has(LogLevel::warning, "Input/output error"));
    simulated.fail_with(0);
    succeed(0);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchInterruptedTest, IfTheKernelRefusesAtFirstLvpollIsResident) {
    simulated.fail_with(EACCES);
    const auto operation = start_copying();
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(operation), Phase::resident);
}

TEST_F(WatchInterruptedTest, IfItRefusesInAStepAnotherLvpollIsResident) {
    const auto operation = start_stepping();
    simulated.fail_with(EIO);
    advance(15s);
    EXPECT_EQ(runs.size(), 1U) << "never two for one LV";
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(phase(operation), Phase::resident);
    advance(1h);
    EXPECT_EQ(runs[1].terminations, 0);
    simulated.fail_with(0);
    succeed(1);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchInterruptedTest, AFailureOfLvpollNeedsNoKernel) {
    const auto operation = start_stepping();
    simulated.fail_with(EIO);
    runs[0].end(Exited{3});
    advance(15s);
    EXPECT_EQ(result(operation), Result(Exited{3}));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(WatchInterruptedTest, IfItRefusesAfterTheRetiringAnotherStays) {
    const auto operation = start_stepping();
    happen(copying(1));
    simulated.fail_with(EIO);
    advance(15s);
    EXPECT_EQ(runs.size(), 1U);
    end(0, Killed{SIGTERM});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchInterruptedTest, ARenamedLvIsPolledIfTheKernelRefuses) {
    start_copying();
    auto renamed = copying(0);
    renamed.vg = "new";
    happen(renamed);
    simulated.fail_with(EIO);
    advance(15s);
    EXPECT_EQ(runs.at(0).name, "new/lv");
}

TEST_F(WatchInterruptedTest, AFailureOfOneOperationLeavesTheOthersWatched) {
    const auto operation = start_copying();
    launcher.fake.throws = true;
    start(poll_request(other_lvid));
    launcher.fake.throws = false;
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(phase(operation), Phase::watching);
    happen(in_sync(0));
    EXPECT_EQ(runs.size(), 1U);
}

} // namespace
} // namespace lvmpolld
