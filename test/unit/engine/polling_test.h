// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/recording_log.h"
#include "base/virtual_clock.h"
#include "engine/loop.h"
#include "engine/monitor.h"
#include "lvpoll/fake_lvpoll.h"
#include "operation/test_request.h"

#include <signal.h>

#include <asio/post.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace lvmpolld {

/// The fake lvpoll, with a hook for what happens while it is started, and failures for some LVs
/// only.
class HookedLauncher final : public LvPollLauncher {
public:
    FakeLauncher fake;
    std::function<void()> on_launch;
    std::string fails_for; ///< LVID

    Launched launch(const LvPollTask& task, std::function<void()> ended) override {
        if (on_launch)
            on_launch();
        if (task.request.identity.lvid() == fails_for)
            return SpawnFailure{SpawnFailure::Stage::execute, EAGAIN};
        return fake.launch(task, std::move(ended));
    }

    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override {
        return fake.rejoin(std::move(survivor), std::move(ended));
    }
};

/// A monitor in virtual time, whose lvpolls end when a test says. What it watches is the derived
/// class's, and so is the monitor.
class PollingTest : public testing::Test {
protected:
    PollingTest() = default;

    virtual Monitor& monitor() = 0;

    /// Lets the loop do all that can be done now.
    virtual void settle() {
        do {
            context.restart();
        } while (context.poll() > 0);
    }

    /// Accepts the request and hands it to the monitor if it is new.
    std::shared_ptr<Operation> start(PollRequest request) {
        auto& store = request.abort ? aborts : polls;
        const auto accepted = std::get<Store::Accepted>(store.accept(std::move(request)));
        if (accepted.started)
            monitor().start(accepted.operation);
        settle();
        return accepted.operation;
    }

    /// Hands over what an earlier daemon has left, on the loop's thread, as in the daemon.
    template <typename... Unfinished>
    void take_up(Unfinished... unfinished) {
        asio::post(context, [&] {
            std::vector<Monitor::Unfinished> all;
            (all.push_back(std::move(unfinished)), ...);
            monitor().take_up(std::move(all));
        });
        settle();
    }

    /// Ends the run of this number.
    void end(std::size_t run, ExitStatus status) {
        runs.at(run).end(status);
        settle();
    }

    void advance(std::chrono::nanoseconds duration) {
        clock.advance(duration);
        settle();
    }

    void stop() {
        monitor().stop([this] { ++stopped; });
        settle();
    }

    static std::optional<Result> result(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().result;
    }

    static Phase phase(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().phase;
    }

    Loop context{1};
    VirtualClock clock;
    RecordingLog log;
    HookedLauncher launcher;
    std::deque<FakeLauncher::Run>& runs = launcher.fake.runs;
    Store polls{Retention{}};
    Store aborts{Retention{}};
    int ended = 0;
    int stopped = 0;
};

} // namespace lvmpolld
