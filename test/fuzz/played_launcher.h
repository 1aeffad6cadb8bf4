// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lvpoll/child_launcher.h"
#include "lvpoll/fake_lvpoll.h"
#include "require.h"

#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace lvmpolld {

/// Runs of lvpoll that end when they are told to. Each has a command line that is lvmpolld's own
/// but for the values that a client may give; no two run for one operation, nor any beside an abort
/// of its LV.
class PlayedLauncher final : public LvPollLauncher {
public:
    Launched launch(const LvPollTask& task, std::function<void()> ended) override {
        require_safe(task);
        for (const auto& run : fake_.runs)
            require(!run.running() || !collide(run.request, task.request) ||
                    (task.request.abort && !run.request.abort && run.terminations > 0));
        return fake_.launch(task, std::move(ended));
    }

    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override {
        return fake_.rejoin(std::move(survivor), std::move(ended));
    }

    /// The oldest one that runs ends so. False if none runs.
    bool end_oldest(ExitStatus how) {
        const auto oldest = std::ranges::find_if(fake_.runs, &FakeLauncher::Run::running);
        if (oldest == fake_.runs.end())
            return false;
        oldest->end(how);
        return true;
    }

    /// Those that were asked to end do.
    void obey() {
        for (std::size_t number = 0; number < fake_.runs.size(); ++number) // more may start
            if (auto& run = fake_.runs[number]; run.running() && run.terminations > 0)
                run.end(Killed{SIGTERM});
    }

private:
    static bool collide(const PollRequest& a, const PollRequest& b) {
        if (a.abort != b.abort)
            return a.identity.lvid() == b.identity.lvid();
        return a.identity.text() == b.identity.text();
    }

    static void require_safe(const LvPollTask& task) {
        static const char* const no_environment[] = {nullptr};
        LvPollSettings settings{.lvm = "lvm"};
        settings.environment = no_environment;
        const auto command = lvpoll_command(settings, task);
        for (const auto& texts : {command.arguments, command.environment})
            for (const auto& text : texts)
                require(std::ranges::none_of(text,
                                             [](unsigned char c) { return c < ' ' || c == 0x7f; }));
        const auto names = std::string(task.vgname) + "/" + std::string(task.lvname);
        const auto place = std::ranges::find(command.arguments, names);
        require(place != command.arguments.end() && names.front() != '-');
        // lvm lvpoll --interval N [--abort] [--handlemissingpvs] --polloperation TYPE VG/LV -An
        // [--devicesfile FILE]
        require(command.arguments.size() == 8U + (task.request.abort ? 1U : 0U) +
                                                (task.request.handle_missing_pvs ? 1U : 0U) +
                                                (task.request.devicesfile ? 2U : 0U));
    }

    FakeLauncher fake_;
};

} // namespace lvmpolld
