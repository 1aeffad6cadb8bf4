// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor_test.h"
#include "operation/record.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

TEST_F(MonitorTest, WhatIsTakenUpRunsItsLvpollAtOnce) {
    const auto operation = polls.restore({.number = 1, .request = poll_request("id", "+15")});
    take_up(Monitor::Unfinished{operation, std::nullopt});
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].interval, "15");
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(MonitorTest, WhatIsTakenUpWaitsOutThePromisedDelay) {
    const auto operation = polls.restore(
        {.number = 1, .request = poll_request("id", "+3600"), .accepted_at = boot_time() - 1800s});
    take_up(Monitor::Unfinished{operation, std::nullopt});
    advance(1790s);
    EXPECT_TRUE(runs.empty());
    advance(10s);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].interval, "3600");
}

TEST_F(MonitorTest, WhatIsTakenUpAfterItsDelayRunsAtOnce) {
    const auto operation = polls.restore(
        {.number = 1, .request = poll_request("id", "+15"), .accepted_at = boot_time() - 15s});
    take_up(Monitor::Unfinished{operation, std::nullopt});
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(MonitorTest, WhatIsTakenUpSurvivesAFailedSpawn) {
    const auto operation = polls.restore({.number = 1, .request = poll_request("id")});
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::execute, EAGAIN};
    take_up(Monitor::Unfinished{operation, std::nullopt});
    EXPECT_FALSE(result(operation));
    launcher.fake.failure.reset();
    advance(1s);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(MonitorTest, WhatIsTakenUpAfterAnAbortSettlesAtOnce) {
    const auto poll = polls.restore({.number = 1, .request = poll_request("id", "+3600")});
    const auto abort = aborts.restore({.number = 1, .request = abort_request("id")});
    take_up(Monitor::Unfinished{poll, std::nullopt}, Monitor::Unfinished{abort, std::nullopt});
    ASSERT_EQ(runs.size(), 1U);
    end(0, Exited{0});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].interval, "3600");
    end(1, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
}

TEST_F(MonitorTest, WhatIsTakenUpIsSaidToBeAtHand) {
    const auto first = polls.restore({.number = 1, .request = poll_request("id1")});
    const auto second = polls.restore({.number = 2, .request = poll_request("id2")});
    std::vector<std::pair<const Operation*, std::size_t>> at_hand; // with the runs by then
    std::vector<Monitor::Unfinished> operations;
    operations.push_back({first});
    operations.push_back({second});
    monitor_.take_up(std::move(operations), [&](const Operation* operation) {
        at_hand.emplace_back(operation, runs.size());
    });
    const std::vector<std::pair<const Operation*, std::size_t>> expected{
        {first.get(), 0}, {second.get(), 0}, {first.get(), 0}, {second.get(), 1}, {nullptr, 2}};
    EXPECT_EQ(at_hand, expected);
}

TEST_F(MonitorTest, AnEarlierDaemonsLvpollIsNeverDoubled) {
    const auto operation = polls.restore({.number = 1, .request = poll_request()});
    take_up(Monitor::Unfinished{operation, Survivor{"mark", 4711, {}}});
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(operation->snapshot().lvpoll, 4711);
    EXPECT_EQ(runs[0].terminations, 0);
    end(0, Exited{0});
    ASSERT_EQ(runs.size(), 2U) << "its exit status isn't known";
    EXPECT_FALSE(result(operation));
    end(1, Exited{5});
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(MonitorTest, AnEarlierDaemonsLvpollIsStoppedLikeOurOwn) {
    const auto operation = polls.restore({.number = 1, .request = poll_request()});
    take_up(Monitor::Unfinished{operation, Survivor{"mark", 4711, {}}});
    stop();
    EXPECT_EQ(runs.at(0).terminations, 1);
    end(0, Killed{SIGTERM});
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_FALSE(result(operation));
}

TEST_F(MonitorTest, AnAbortAndItsPollingAreTakenUpInAnyOrder) {
    for (const bool abort_first : {true, false}) {
        SCOPED_TRACE(abort_first ? "the abort first" : "the polling first");
        const auto before = runs.size();
        const auto poll = polls.restore({.number = 1, .request = poll_request()});
        const auto abort = aborts.restore({.number = 1, .request = abort_request()});
        if (abort_first)
            take_up(Monitor::Unfinished{abort, std::nullopt},
                    Monitor::Unfinished{poll, std::nullopt});
        else
            take_up(Monitor::Unfinished{poll, std::nullopt},
                    Monitor::Unfinished{abort, std::nullopt});
        ASSERT_EQ(runs.size(), before + 1) << "nothing is started while the abort runs";
        EXPECT_TRUE(runs[before].request.abort);
        EXPECT_EQ(phase(poll), Phase::fenced);
        end(before, Exited{0});
        EXPECT_EQ(result(abort), Result(Exited{0}));
        ASSERT_EQ(runs.size(), before + 2);
        end(before + 1, Exited{0});
        EXPECT_EQ(result(poll), Result(Exited{0}));
    }
}

TEST_F(MonitorTest, ATakenUpAbortWaitsForTheEarlierLvpoll) {
    const auto poll = polls.restore({.number = 1, .request = poll_request()});
    const auto abort = aborts.restore({.number = 1, .request = abort_request()});
    take_up(Monitor::Unfinished{abort, std::nullopt},
            Monitor::Unfinished{poll, Survivor{"mark", 4711, {}}});
    ASSERT_EQ(runs.size(), 1U) << "not before the poller has ended";
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Killed{SIGTERM});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    end(1, Exited{0});
    ASSERT_EQ(runs.size(), 3U);
    end(2, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
}

} // namespace
} // namespace lvmpolld
