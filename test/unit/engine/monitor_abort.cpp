// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

TEST_F(MonitorTest, AnAbortWithoutAPollingIsRunAtOnce) {
    const auto abort = start(abort_request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_TRUE(runs[0].request.abort);
    EXPECT_EQ(runs[0].interval, "0");
    end(0, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(MonitorTest, AnAbortStopsThePollerThenAbortsThenSettles) {
    const auto poll = start(poll_request("id", "+30"));
    const auto abort = start(abort_request());
    EXPECT_EQ(runs[0].terminations, 1);
    EXPECT_EQ(runs.size(), 1U) << "not before the poller is reaped";

    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    EXPECT_EQ(phase(poll), Phase::fenced);
    EXPECT_FALSE(result(poll));
    advance(1h);
    EXPECT_EQ(runs.size(), 2U) << "nothing is started while the abort runs";

    end(1, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    ASSERT_EQ(runs.size(), 3U);
    EXPECT_FALSE(runs[2].request.abort);
    EXPECT_EQ(runs[2].interval, "30") << "it looks at once";
    EXPECT_FALSE(result(poll));

    end(2, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}))
        << "what the classical daemon tells those who waited";
    EXPECT_EQ(runs.size(), 3U);
    EXPECT_EQ(ended, 2);
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(MonitorTest, BothStayInTheirStoresDuringAnAbort) {
    start(poll_request());
    start(abort_request());
    const auto both = [this] { return polls.in_progress() == 1 && aborts.in_progress() == 1; };
    EXPECT_TRUE(both());
    end(0, Killed{SIGTERM});
    EXPECT_TRUE(both());
    end(1, Exited{0});
    EXPECT_EQ(polls.in_progress(), 1U);
    EXPECT_EQ(aborts.in_progress(), 0U);
}

TEST_F(MonitorTest, APollerKilledByOurSigtermForAnAbortIsNoResult) {
    const auto poll = start(poll_request());
    start(abort_request());
    end(0, Killed{SIGTERM});
    EXPECT_FALSE(result(poll));
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(MonitorTest, APollerStoppedAfterItsEndHasItsResult) {
    const auto poll = start(poll_request());
    const auto abort = start(abort_request());
    end(0, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
    ASSERT_EQ(runs.size(), 2U);
    end(1, Exited{0});
    EXPECT_EQ(runs.size(), 2U) << "nothing is left to settle";
    EXPECT_EQ(result(abort), Result(Exited{0}));
}

TEST_F(MonitorTest, APollerThatFailsWhenItIsStoppedHasItsResult) {
    const auto poll = start(poll_request());
    start(abort_request());
    end(0, Killed{SIGSEGV});
    EXPECT_EQ(result(poll), Result(Killed{SIGSEGV}));
}

TEST_F(MonitorTest, AfterAnAbortThatFailedThePollingGoesOn) {
    const auto poll = start(poll_request());
    const auto abort = start(abort_request());
    end(0, Exited{5});
    end(1, Exited{5});
    EXPECT_EQ(result(abort), Result(Exited{5}));
    ASSERT_EQ(runs.size(), 3U);
    EXPECT_TRUE(runs[2].running());
    EXPECT_FALSE(result(poll));
}

TEST_F(MonitorTest, PollingGoesOnAfterAnAbortThatCannotStart) {
    const auto poll = start(poll_request());
    const auto abort = start(abort_request());
    launcher.fake.throws = true;
    runs[0].end(Exited{5});
    while (!result(abort)) {
        context.restart();
        ASSERT_GT(context.poll_one(), 0U);
    }
    EXPECT_EQ(result(abort), Result(PollingFailed{}));
    launcher.fake.throws = false;
    settle();
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_FALSE(runs[1].request.abort);
    EXPECT_FALSE(result(poll));
}

TEST_F(MonitorTest, APollingAskedForDuringAnAbortWaits) {
    start(abort_request());
    const auto poll = start(poll_request("id", "+15"));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(phase(poll), Phase::fenced);
    end(0, Exited{0});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_FALSE(runs[1].request.abort);
    EXPECT_EQ(runs[1].interval, "+15") << "it is this one's first lvpoll";
}

TEST_F(MonitorTest, ASecondPollingDuringAnAbortWaits) {
    start(poll_request());
    start(abort_request());
    end(0, Exited{0});
    ASSERT_EQ(runs.size(), 2U);
    const auto second = start(poll_request());
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(phase(second), Phase::fenced);
    end(1, Exited{0});
    EXPECT_EQ(runs.size(), 3U);
}

TEST_F(MonitorTest, AnAbortLeavesOtherLvsAlone) {
    start(poll_request("other"));
    start(abort_request("id"));
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].terminations, 0);
}

TEST_F(MonitorTest, AnAbortFencesItsLvInEverySystemDir) {
    auto elsewhere = poll_request("id");
    elsewhere.identity = Identity("id", "/etc/other");
    const auto poll = start(elsewhere);
    const auto abort = start(abort_request("id"));
    EXPECT_EQ(runs.at(0).terminations, 1);
    EXPECT_EQ(runs.size(), 1U) << "not before the poller is reaped";
    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    EXPECT_EQ(phase(poll), Phase::fenced);
    end(1, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    ASSERT_EQ(runs.size(), 3U);
    end(2, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
}

TEST_F(MonitorTest, ASecondAbortStopsTheSettlingPoller) {
    const auto poll = start(poll_request());
    start(abort_request());
    end(0, Exited{5});
    end(1, Exited{0});
    ASSERT_EQ(runs.size(), 3U);
    start(abort_request());
    EXPECT_EQ(runs[2].terminations, 1);
    end(2, Killed{SIGTERM});
    ASSERT_EQ(runs.size(), 4U);
    EXPECT_TRUE(runs[3].request.abort);
    end(3, Exited{0});
    ASSERT_EQ(runs.size(), 5U);
    end(4, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
}

TEST_F(MonitorTest, AnAbortWaits10SecondsForAPoller) {
    const auto poll = start(poll_request());
    const auto abort = start(abort_request());
    advance(10s - 1ns);
    EXPECT_EQ(runs.size(), 1U);
    advance(1ns);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    EXPECT_EQ(runs[0].terminations, 1) << "and never harder";
    EXPECT_TRUE(log.has(LogLevel::warning, "lvpoll[" + std::to_string(runs[0].pid) + "]"));

    end(1, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    EXPECT_EQ(runs.size(), 2U) << "one lvpoll at a time";
    end(0, Exited{5});
    ASSERT_EQ(runs.size(), 3U) << "the settling one";
    end(2, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
}

} // namespace
} // namespace lvmpolld
