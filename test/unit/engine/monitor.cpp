// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

TEST_F(MonitorTest, AnOperationIsOneLvpoll) {
    const auto operation = start(poll_request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "vg/lv");
    EXPECT_EQ(runs[0].interval, "15");
    EXPECT_EQ(phase(operation), Phase::resident);
    EXPECT_EQ(operation->snapshot().lvpoll, runs[0].pid);
    advance(24h);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 0);
    EXPECT_EQ(ended, 0);
    EXPECT_FALSE(result(operation));
}

TEST_F(MonitorTest, TheIntervalIsHandedOnVerbatim) {
    for (const auto* interval : {"+15", "0", "007", "+0"}) {
        start(poll_request(interval, interval));
        EXPECT_EQ(runs.back().interval, interval);
    }
}

TEST_F(MonitorTest, TheEndOfLvpollIsTheResult) {
    for (const ExitStatus& status :
         {ExitStatus(Exited{0}), ExitStatus(Exited{5}), ExitStatus(Exited{255}),
          ExitStatus(Killed{SIGKILL}), ExitStatus(Killed{SIGTERM})}) {
        const auto operation = start(poll_request());
        const auto before = ended;
        end(runs.size() - 1, status);
        EXPECT_EQ(result(operation), std::visit([](auto how) { return Result(how); }, status));
        EXPECT_EQ(phase(operation), Phase::finished);
        EXPECT_EQ(ended, before + 1);
    }
    EXPECT_EQ(runs.size(), 5U) << "nothing is tried again";
}

TEST_F(MonitorTest, LvpollThatEndsBeforeAnybodyLooksIsNotLost) {
    const auto accepted = std::get<Store::Accepted>(polls.accept(poll_request()));
    monitor().start(accepted.operation);
    while (runs.empty()) {
        context.restart();
        ASSERT_GT(context.poll_one(), 0U);
    }
    end(0, Exited{0});
    EXPECT_EQ(result(accepted.operation), Result(Exited{0}));
}

TEST_F(MonitorTest, TheLastPidIsShownAfterTheEnd) {
    const auto operation = start(poll_request());
    end(0, Exited{0});
    EXPECT_EQ(operation->snapshot().lvpoll, runs[0].pid);
}

TEST_F(MonitorTest, WithoutPipesTheResultIs100) {
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::redirect, EMFILE};
    EXPECT_EQ(result(start(poll_request())), Result(Exited{100}));
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
}

TEST_F(MonitorTest, WithoutAProgramTheResultIs101) {
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::execute, ENOENT};
    EXPECT_EQ(result(start(poll_request())), Result(Exited{101}));
    EXPECT_EQ(log.count(LogLevel::error), 1U);
}

TEST_F(MonitorTest, AnExceptionFailsTheOperationAndNoOther) {
    const auto other = start(poll_request("other"));
    launcher.fake.throws = true;
    const auto operation = start(poll_request("id"));
    EXPECT_EQ(result(operation), Result(PollingFailed{}));
    EXPECT_TRUE(log.has(LogLevel::error, "vg/lv"));
    launcher.fake.throws = false;
    EXPECT_FALSE(result(other));
    end(0, Exited{0});
    EXPECT_EQ(result(other), Result(Exited{0}));
    EXPECT_EQ(ended, 2);
}

TEST_F(MonitorTest, AnExceptionThatNobodyHandlesIsNotDropped) {
    start(poll_request());
    end_throws = true;
    EXPECT_THROW(end(0, Exited{0}), std::runtime_error);
}

TEST_F(MonitorTest, OperationsRunSideBySide) {
    const auto one = start(poll_request("one"));
    const auto two = start(poll_request("two"));
    EXPECT_EQ(launcher.fake.running(), 2U);
    end(1, Exited{2});
    EXPECT_FALSE(result(one));
    EXPECT_EQ(result(two), Result(Exited{2}));
    end(0, Exited{1});
    EXPECT_EQ(result(one), Result(Exited{1}));
}

TEST_F(MonitorTest, ARequestThatJoinsSharesTheLvpollAndItsResult) {
    const auto operation = start(poll_request());
    start(poll_request());
    start(poll_request());
    EXPECT_EQ(runs.size(), 1U);
    end(0, Exited{5});
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(ended, 1);
}

TEST_F(MonitorTest, AFinishedOperationCanBeStartedAfresh) {
    start(poll_request());
    end(0, Exited{5});
    const auto second = start(poll_request());
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_FALSE(result(second));
    end(1, Exited{0});
    EXPECT_EQ(result(second), Result(Exited{0}));
}

TEST_F(MonitorTest, ResidentByChoiceIsNoReasonForWarnings) {
    start(poll_request("one"));
    start(poll_request("two"));
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
    EXPECT_EQ(log.count(LogLevel::info, "--engine=resident"), 1U);
}

} // namespace
} // namespace lvmpolld
