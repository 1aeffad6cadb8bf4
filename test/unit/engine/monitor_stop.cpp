// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

TEST_F(MonitorTest, StopWithNothingInProgressIsImmediate) {
    stop();
    EXPECT_EQ(stopped, 1);
}

TEST_F(MonitorTest, StopTerminatesEveryLvpollAndWaitsForAll) {
    const auto one = start(poll_request("one"));
    start(poll_request("two"));
    start(abort_request("three"));
    stop();
    for (const auto& run : runs)
        EXPECT_EQ(run.terminations, 1);
    EXPECT_EQ(stopped, 0);
    end(0, Killed{SIGTERM});
    end(1, Exited{5});
    EXPECT_EQ(stopped, 0);
    end(2, Exited{0});
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(runs.size(), 3U) << "nothing is started any more";
    EXPECT_FALSE(result(one)) << "its client is not told of a result that there is not";
    EXPECT_FALSE(log.has(LogLevel::warning, "did not end"));
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(MonitorTest, NothingIsStartedAfterTheStop) {
    stop();
    start(poll_request());
    EXPECT_TRUE(runs.empty());
}

TEST_F(MonitorTest, LvpollThatOutlastsTheStopIsNamedAndLeftAlone) {
    start(poll_request("one"));
    start(poll_request("two"));
    stop();
    end(1, Killed{SIGTERM});
    advance(10s - 1ns);
    EXPECT_EQ(stopped, 0);
    advance(1ns);
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(log.count(LogLevel::warning, "did not end"), 1U);
    EXPECT_TRUE(
        log.has(LogLevel::warning, "vg/lv (pvmove): lvpoll[" + std::to_string(runs[0].pid) + "]"));
}

TEST_F(MonitorTest, AStopDuringAnAbortStartsNeitherAbortNorPoller) {
    start(poll_request());
    start(abort_request());
    stop();
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Exited{5});
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(MonitorTest, AStopTerminatesARunningAbort) {
    start(poll_request());
    start(abort_request());
    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 2U);
    stop();
    EXPECT_EQ(runs[1].terminations, 1);
    end(1, Exited{5});
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(runs.size(), 2U);
}

TEST_F(MonitorTest, AStopAtTheMomentOfAnAbortNamesOnlyWhatRuns) {
    start(poll_request());
    start(abort_request());
    stop();
    advance(10s);
    EXPECT_EQ(stopped, 1);
    EXPECT_FALSE(log.has(LogLevel::warning, "lvpoll[-1]"));
    EXPECT_FALSE(log.has(LogLevel::warning, "comparison"));
    EXPECT_TRUE(log.has(LogLevel::warning, "lvpoll[" + std::to_string(runs[0].pid) + "]"));
}

TEST_F(MonitorTest, AMonitorDestroyedMidwayLeavesNothing) {
    start(poll_request());
    start(abort_request());
    start(poll_request("two"));
    stop();
    EXPECT_EQ(stopped, 0);
}

} // namespace
} // namespace lvmpolld
