// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a Poller does for the actions of the plan that concern its lvpoll.
#include "base/limits.h"
#include "dm/name.h"
#include "engine/poller.h"
#include "lvpoll/lvpoll_end.h"

#include <algorithm>
#include <system_error>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// lvpoll is left alone with the LV after so many steps in a row that changed nothing.
constexpr unsigned most_idle_steps = 3;

/// An lvpoll that runs for longer gives its slot to others: it has found nothing to do and waits.
constexpr auto longest_step = 30s;
constexpr auto longest_decision = 3s;

constexpr auto rename_pause = 200ms;

constexpr auto longest_pause = 60s;

} // namespace

bool Poller::perform(CheckLock) {
    const auto now = context_.clock.now();
    const auto holder = context_.find_lock_holder(child_->lvpoll->pid());
    child_->lock_check = now + limits::lock_patience;
    lock_.reset();
    if (!holder)
        return true;
    lock_ = std::make_unique<std::string>("waiting for the lock of " + names().vg + ", held by " +
                                          holder->name + "[" + std::to_string(holder->pid) + "]");
    return true;
}

bool Poller::perform(Start start) {
    const auto [vg, lv] = names();
    if (is_name_surely_taken({vg, lv})) {
        found_.name_taken = true;
        look_at_ = context_.clock.now() + rename_pause;
        return true;
    }
    if (request().abort) {
        fences_ = 0;
        listener_.aborts(*this);
        slot_ = std::make_unique<Slots::Slot>(context_.slots.occupy(vg));
    }
    operation_->begin_step();
    operation_->set_phase(start.purpose == Purpose::resident ? Phase::resident : Phase::stepping);
    if (start.purpose == Purpose::step && is_protected())
        trust().begin_step();
    launch(start.purpose, vg, lv);
    return true;
}

void Poller::launch(Purpose purpose, const std::string& vg, const std::string& lv) {
    const auto& wanted = request().interval;
    const auto interval = last_started_ || !promised_ ? recall_interval(wanted) : wanted.text;
    auto launched = context_.launcher.launch(
        {request(), interval, vg, lv, operation_->record_number(),
         [weak = std::weak_ptr(operation_)](std::string_view line) {
             if (const auto operation = weak.lock()) // what lvpoll leaves behind may outlive it
                 operation->add_output(line);
         }},
        [this] { wake(); });
    const auto now = context_.clock.now();
    if (const auto* failure = std::get_if<SpawnFailure>(&launched)) {
        context_.statistics->failed_starts.add();
        const bool over = !last_started_; // else an earlier one has begun, and it is tried again
        auto fields = over ? fields_of(*operation_, OperationEvent::failed, Exited{lvm_failed})
                           : fields_of(request());
        const auto result =
            report_spawn_failure(context_.log, request(), *failure, std::move(fields));
        pause_ = std::clamp<std::chrono::seconds>(pause_ * 2, 1s, longest_pause);
        next_start_ = now + pause_;
        look_at_ = TimePoint::min(); // another copy may be there by then
        slot_.reset();
        if (over)
            ending_ = Ending{.result = result, .reported = true};
        return;
    }
    child_.emplace(Child{.lvpoll = std::move(std::get<std::unique_ptr<LvPoll>>(launched)),
                         .purpose = purpose,
                         .names = {vg, lv},
                         .started = now});
    if (purpose == Purpose::resident && last_started_ != purpose && !request().abort)
        report_resident();
    last_started_ = purpose;
    context_.statistics->lvpoll_runs.add();
    if (purpose != Purpose::resident)
        context_.statistics->steps.add();
    if (idle_steps_ < most_idle_steps)
        pause_ = 0s;
    if (view_)
        view_->begin_lvpoll();
    operation_->set_lvpoll(child_->lvpoll->pid());
    say(LogLevel::debug, occupation() + " started for " + vg + "/" + lv);
    child_->misdirected = is_name_surely_taken(child_->names);
    if (purpose != Purpose::resident)
        child_->slot_end = now + (purpose == Purpose::step ? longest_step : longest_decision);
    if (purpose != Purpose::resident || request().abort)
        child_->lock_check = now + limits::lock_patience;
    look_at_ = TimePoint::min();
}

bool Poller::is_name_taken(const LvView::Names& names) const {
    const auto found = context_.kernel->lvid_of(names.vg, names.lv);
    return found && *found != request().identity.lvid();
}

bool Poller::is_name_surely_taken(const LvView::Names& names) const {
    auto* kernel = context_.kernel;
    if (kernel == nullptr || !dm::is_lvid(request().identity.lvid()) || !kernel->can_watch())
        return false;
    try {
        return is_name_taken(names);
    } catch (const std::system_error&) {
        return false; // as under the classical daemon, which never asks
    }
}

void Poller::report_resident() {
    const bool failed = view_ && view_->seen() == Seen::failed;
    const bool strange = view_ && view_->seen() == Seen::strange && is_watched();
    if (context_.watching == nullptr)
        return;
    if (failed && is_watched())
        say(LogLevel::warning,
            "can't be watched any more, " + left_unwatched() + ": " + view_->problem());
    else if (strange)
        say(LogLevel::warning, left_unwatched() + ": " + view_->problem());
    else if (kind().comparable && !resident_for_good_)
        say(LogLevel::warning, left_unwatched() + ": " + obstacle());
    resident_for_good_ = resident_for_good_ || (failed && is_watched());
}

bool Poller::perform(Retire retire) {
    context_.statistics->retired.add();
    child_->retired = true;
    child_->advanced = retire.advanced;
    child_->lvpoll->terminate();
    return true;
}

void Poller::count_idle_step() {
    if (idle_steps_ < most_idle_steps && ++idle_steps_ < most_idle_steps)
        return;
    const auto steps = std::to_string(idle_steps_) + " steps changed nothing; ";
    if (is_protected() && context_.watching->trust.policy == Verify::always) {
        // Nobody would compare what a resident lvpoll commits.
        const bool first = pause_ == 0s;
        pause_ = std::clamp<std::chrono::seconds>(pause_ * 2, 1s, longest_pause);
        next_start_ = context_.clock.now() + pause_;
        if (first)
            say(LogLevel::warning, steps + "trying on, since each segment is to be compared");
        return;
    }
    resident_for_good_ = true;
    say(LogLevel::warning, steps + left_unwatched());
}

bool Poller::perform(TakeEnd) {
    const auto child = std::move(*child_);
    const auto status = *child.lvpoll->status();
    child_.reset();
    subscription_.reset();
    lock_.reset();
    if (!child.survivor && !(child.retired && is_interruption(status))) {
        ending_ = Ending{.result = std::visit([](const auto& how) { return Result(how); }, status)};
        last_error_ = std::make_unique<std::string>(child.lvpoll->last_error());
    }
    // One that runs for so long has seen the VG: what it says is not what the last one said.
    if (child.advanced || context_.clock.now() - child.started >= longest_denial) {
        give_up_ = Facts::never;
        denial_pause_ = 0s;
    }
    if (child.advanced)
        idle_steps_ = 0;
    else if (child.purpose != Purpose::resident && !ending_ && fences_ == 0 &&
             life_ == Life::working)
        count_idle_step();
    if (!is_watched()) { // whoever joined is served by it, unless it had seen its last by then
        const bool joined = operation_->begin_step();
        if (ending_)
            ending_->late = joined;
    }
    slot_.reset();
    listener_.quiet(*this);
    wake(); // whoever waited for the slot goes first
    return false;
}

} // namespace lvmpolld
