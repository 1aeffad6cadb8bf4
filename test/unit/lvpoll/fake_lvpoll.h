// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "lvpoll/lvpoll.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace lvmpolld {

/// Starts runs of lvpoll that end when and how a test says.
class FakeLauncher final : public LvPollLauncher {
public:
    /// One run of lvpoll.
    struct Run {
        pid_t pid;
        PollRequest request;
        std::string interval;
        std::string name; ///< VG/LV
        std::function<void()> ended{};
        std::optional<ExitStatus> status{};
        bool forgotten = true; ///< there is no LvPoll of it, or no more
        int terminations = 0;

        bool running() const { return !status; }

        void end(ExitStatus how) {
            status = how;
            if (!forgotten)
                ended();
        }
    };

    Launched launch(const LvPollTask& task, std::function<void()> ended) override {
        if (throws)
            throw_errno("no launch", ENOMEM);
        if (failure)
            return *failure;
        runs.push_back({.pid = static_cast<pid_t>(1001 + runs.size()),
                        .request = task.request,
                        .interval = std::string(task.interval),
                        .name = std::string(task.vgname) + "/" + std::string(task.lvname),
                        .ended = std::move(ended)});
        return std::make_unique<FakeLvPoll>(runs.back(), last_error);
    }

    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override {
        runs.push_back({.pid = survivor.pid,
                        .request = {},
                        .interval = {},
                        .name = survivor.mark,
                        .ended = std::move(ended)});
        return std::make_unique<FakeLvPoll>(runs.back(), last_error);
    }

    std::size_t running() const {
        std::size_t count = 0;
        for (const auto& run : runs)
            count += run.running() ? 1U : 0U;
        return count;
    }

    std::deque<Run> runs; ///< in the order of their start
    std::optional<SpawnFailure> failure;
    bool throws = false;
    std::string last_error; ///< that every run prints

private:
    class FakeLvPoll final : public LvPoll {
    public:
        FakeLvPoll(Run& run, const std::string& last_error) : run_(run), last_error_(last_error) {
            run_.forgotten = false;
        }

        ~FakeLvPoll() override { run_.forgotten = true; }

        FakeLvPoll(const FakeLvPoll&) = delete;
        FakeLvPoll& operator=(const FakeLvPoll&) = delete;

        pid_t pid() const noexcept override { return run_.pid; }

        std::optional<ExitStatus> status() const noexcept override { return run_.status; }

        void terminate() noexcept override { ++run_.terminations; }

        std::string last_error() const override { return last_error_; }

    private:
        Run& run_;
        const std::string& last_error_;
    };
};

} // namespace lvmpolld
