// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "engine/workshop.h"
#include "operation/operation.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lvmpolld {

/// The lvpolls of one operation, one at a time: from each start to what its end means. Monitor thread.
class LvPollRuns {
public:
    LvPollRuns(Workshop& workshop, Operation& operation) : workshop_(workshop), operation_(operation) {}

    /// Whether another LV has this name now, which lvpoll would serve.
    bool would_serve_another(const std::string& vg, const std::string& lv) const;

    /// Starts one under the LV's names of today, and retires it if another LV has come by them meanwhile;
    /// `ended` is called when its end is to be taken. If it can't be started: the result that the operation
    /// has, should this have been its only lvpoll; another attempt is due at next_start().
    std::optional<Result> start(const std::string& vg, const std::string& lv, const std::string& interval,
                                std::function<void()> ended);

    /// An earlier daemon has begun with the operation. Its lvpoll, if it still runs, ends without a result:
    /// its status can't be had.
    void take_up(std::optional<Survivor> survivor, std::function<void()> ended);

    /// Whether there is one whose end was not taken.
    explicit operator bool() const noexcept { return lvpoll_ != nullptr; }

    bool has_ended() const noexcept { return lvpoll_ && lvpoll_->status(); }

    bool is_rejoined() const noexcept { return lvpoll_ && rejoined_; }

    /// Some lvpoll was started, also by an earlier daemon.
    bool have_begun() const noexcept { return begun_; }

    Clock::TimePoint next_start() const noexcept { return next_start_; }

    /// Asks the one that runs to end: the result isn't up to it any more, unless it has one already.
    void retire();

    /// Takes the end of the one that has ended: its result, unless it was retired in the middle.
    std::optional<Result> take_end();

    /// "lvpoll[4711]", of the one that runs.
    std::string name() const { return "lvpoll[" + std::to_string(lvpoll_->pid()) + "]"; }

private:
    Workshop& workshop_;
    Operation& operation_;
    std::unique_ptr<LvPoll> lvpoll_;
    bool begun_ = false;
    bool rejoined_ = false; ///< the running one is an earlier daemon's
    bool retired_ = false;  ///< the running one was sent SIGTERM by us
    std::chrono::seconds pause_{0};
    Clock::TimePoint next_start_ = Clock::TimePoint::min();
};

} // namespace lvmpolld
