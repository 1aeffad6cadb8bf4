// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/lvpoll_runs.h"

#include "dm/name.h"
#include "lvpoll/lvpoll_end.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_pause = 60s;

} // namespace

bool LvPollRuns::would_serve_another(const std::string& vg, const std::string& lv) const {
    const auto lvid = operation_.request().identity.lvid();
    auto* kernel = workshop_.kernel;
    if (kernel == nullptr || !dm::is_lvid(lvid) || !kernel->can_watch())
        return false;
    try {
        const auto found = kernel->lvid_of(vg, lv);
        return found && *found != lvid;
    } catch (const std::system_error&) {
        return false; // as under the classical daemon, which never asks
    }
}

std::optional<Result> LvPollRuns::start(const std::string& vg, const std::string& lv,
                                        const std::string& interval, std::function<void()> ended) {
    const auto& request = operation_.request();
    auto launched =
        workshop_.launcher.launch({request, interval, vg, lv, operation_.record_number()}, std::move(ended));
    if (const auto* failure = std::get_if<SpawnFailure>(&launched)) {
        pause_ = std::clamp<std::chrono::seconds>(pause_ * 2, 1s, longest_pause);
        next_start_ = workshop_.clock.now() + pause_;
        return report_spawn_failure(workshop_.log, request, *failure);
    }
    lvpoll_ = std::move(std::get<std::unique_ptr<LvPoll>>(launched));
    begun_ = true;
    rejoined_ = false;
    retired_ = false;
    pause_ = 0s;
    operation_.set_lvpoll(lvpoll_->pid());
    if (workshop_.log.enabled(LogLevel::debug))
        workshop_.log.write(LogLevel::debug,
                            describe(request) + ": " + name() + " started for " + vg + "/" + lv);
    if (would_serve_another(vg, lv))
        retire();
    return std::nullopt;
}

void LvPollRuns::take_up(std::optional<Survivor> survivor, std::function<void()> ended) {
    begun_ = true;
    if (!survivor)
        return;
    lvpoll_ = workshop_.launcher.rejoin(std::move(*survivor), std::move(ended));
    rejoined_ = true;
    operation_.set_lvpoll(lvpoll_->pid());
}

void LvPollRuns::retire() {
    if (!std::exchange(retired_, true))
        lvpoll_->terminate();
}

std::optional<Result> LvPollRuns::take_end() {
    const auto status = *std::exchange(lvpoll_, nullptr)->status();
    if (rejoined_ || (retired_ && is_interruption(status)))
        return std::nullopt;
    return report_end(workshop_.log, operation_.request(), status);
}

} // namespace lvmpolld
