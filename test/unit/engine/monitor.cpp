// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor.h"

#include "base/recording_log.h"
#include "base/virtual_clock.h"
#include "lvpoll/fake_lvpoll.h"
#include "operation/record.h"
#include "operation/test_request.h"

#include <signal.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// The monitor without a kernel to watch: every operation is resident.
class MonitorTest : public testing::Test {
protected:
    MonitorTest() = default;

    /// The coroutines refer to what is below the loop and go before it, as in the daemon.
    ~MonitorTest() override { context.shutdown(); }

    /// Accepts the request and hands it to the monitor if it is new.
    std::shared_ptr<Operation> start(PollRequest request) {
        auto& store = request.abort ? aborts : polls;
        const auto accepted = std::get<Store::Accepted>(store.accept(std::move(request)));
        if (accepted.started)
            monitor.start(accepted.operation);
        settle();
        return accepted.operation;
    }

    /// On the loop's thread, as in the daemon.
    template <typename... Unfinished>
    void take_up(Unfinished... unfinished) {
        asio::post(context, [&] {
            std::vector<Monitor::Unfinished> all;
            (all.push_back(std::move(unfinished)), ...);
            monitor.take_up(std::move(all));
        });
        settle();
    }

    /// Ends the run of this number.
    void end(std::size_t run, ExitStatus status) {
        launcher.runs.at(run).end(status);
        settle();
    }

    void advance(std::chrono::nanoseconds duration) {
        clock.advance(duration);
        settle();
    }

    void stop() {
        monitor.stop([this] { ++stopped; });
        settle();
    }

    /// Lets the loop do all that can be done now.
    void settle() {
        context.restart();
        context.poll();
    }

    static std::optional<Result> result(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().result;
    }

    static Phase phase(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().phase;
    }

    struct Context : asio::io_context {
        using asio::execution_context::shutdown;
        using asio::io_context::io_context;
    };

    Context context{1};
    VirtualClock clock;
    FakeLauncher launcher;
    std::deque<FakeLauncher::Run>& runs = launcher.runs;
    RecordingLog log;
    Store polls{Retention{}};
    Store aborts{Retention{}};
    int ended = 0;
    int stopped = 0;
    bool end_throws = false;
    Monitor monitor{{context.get_executor(), clock, launcher, log}, [this] {
                        ++ended;
                        if (end_throws)
                            throw std::runtime_error("nobody expects this");
                    }};
};

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
    launcher.failure = SpawnFailure{SpawnFailure::Stage::execute, EAGAIN};
    take_up(Monitor::Unfinished{operation, std::nullopt});
    EXPECT_FALSE(result(operation));
    launcher.failure.reset();
    advance(1s);
    EXPECT_EQ(runs.size(), 1U);
}

TEST_F(MonitorTest, WhatIsTakenUpAfterAnAbortSettlesAtOnce) {
    const auto poll = polls.restore({.number = 1, .request = poll_request("id", "+3600")});
    const auto abort = aborts.restore({.number = 1, .request = abort_request("id")});
    std::vector<Monitor::Unfinished> unfinished;
    unfinished.push_back({poll, std::nullopt});
    unfinished.push_back({abort, std::nullopt});
    monitor.take_up(std::move(unfinished));
    settle();
    ASSERT_EQ(runs.size(), 1U);
    end(0, Exited{0});
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].interval, "3600");
    end(1, Exited{0});
    EXPECT_EQ(result(poll), Result(Exited{0}));
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
    monitor.start(accepted.operation);
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
    launcher.failure = SpawnFailure{SpawnFailure::Stage::redirect, EMFILE};
    EXPECT_EQ(result(start(poll_request())), Result(Exited{100}));
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
}

TEST_F(MonitorTest, WithoutAProgramTheResultIs101) {
    launcher.failure = SpawnFailure{SpawnFailure::Stage::execute, ENOENT};
    EXPECT_EQ(result(start(poll_request())), Result(Exited{101}));
    EXPECT_EQ(log.count(LogLevel::error), 1U);
}

TEST_F(MonitorTest, AnExceptionFailsTheOperationAndNoOther) {
    const auto other = start(poll_request("other"));
    launcher.throws = true;
    const auto operation = start(poll_request("id"));
    EXPECT_EQ(result(operation), Result(PollingFailed{}));
    EXPECT_TRUE(log.has(LogLevel::error, "vg/lv"));
    launcher.throws = false;
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
    EXPECT_EQ(launcher.running(), 2U);
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
    launcher.throws = true;
    runs[0].end(Exited{5});
    while (!result(abort)) {
        context.restart();
        ASSERT_GT(context.poll_one(), 0U);
    }
    EXPECT_EQ(result(abort), Result(PollingFailed{}));
    launcher.throws = false;
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

TEST_F(MonitorTest, ResidentByChoiceIsNoReasonForWarnings) {
    start(poll_request("one"));
    start(poll_request("two"));
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
    EXPECT_EQ(log.count(LogLevel::info, "--engine=resident"), 1U);
}

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
