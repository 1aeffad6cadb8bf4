// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a Poller does for each action of the plan.
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

/// How long a success that the kernel denies is tried again, and how often lvm may fail to start.
constexpr auto longest_denial = 60s;
constexpr auto longest_pause = 60s;

} // namespace

bool Poller::perform(const Wait& wait) {
    if (wait.why != Reason::turn_to_step)
        context_.slots.forget(this);
    if (wait.why != Reason::turn_to_compare && context_.watching != nullptr)
        context_.watching->trust.slots.forget(this);
    if (!child_)
        slot_.reset();
    try {
        subscribe(wait.why);
    } catch (const std::system_error& error) {
        view().take_failure(error.what());
        return true;
    }
    show(wait);
    arm(wait.until);
    return false;
}

void Poller::subscribe(Reason why) {
    subscription_.reset();
    const bool copying = why == Reason::copying || why == Reason::leg_failed;
    const bool changing =
        why == Reason::comparing || (why == Reason::stepping && child_->purpose == Purpose::step);
    if (!copying && !changing)
        return;
    const auto& copy = *view().copy();
    // The swap of a table does not change the event number.
    const auto number = copying ? std::optional(copy.event_number) : std::nullopt;
    subscription_.emplace(context_.watching->events, KernelWatch::Interest{copy.uuid, number, waker()});
}

bool Poller::perform(Look) {
    if (!child_ && !comparison_ && !result_)
        operation_->begin_step();
    const auto now = context_.clock.now();
    try {
        if (auto* const asked = kernel())
            view().take(asked->look(request().identity.lvid(), request().type), now);
        else
            view().take_failure(context_.kernel->obstacle());
    } catch (const std::system_error& error) {
        view().take_failure(error.what());
    }
    look_at_ = now + (child_ ? pause_beside(child_->purpose) : interval());
    if (is_watched()) {
        looked_ = true;
        if (view().sees_copy())
            take_in_copy();
    }
    return true;
}

void Poller::take_in_copy() {
    const auto& copy = *view().copy();
    const bool advanced = child_ && child_->purpose == Purpose::step && !is_same();
    const bool free = !child_ && !comparison_ && !result_;
    if (is_protected() && (advanced || free))
        trust().see(copy); // a leg's letter may be another one once lvpoll has ended
    if (!free)
        return;
    operation_->set_progress(view().progress());
    if (view().seen() != Seen::complete)
        look_at_ = view().next_look(context_.clock.now(), kind(), interval());
}

std::chrono::nanoseconds Poller::pause_beside(Purpose purpose) const {
    // A mirror that appears beside a deciding lvpoll is to be seen before that looks a second time, after its
    // interval: it would commit it.
    if (purpose == Purpose::decide && kind().comparable)
        return std::min<std::chrono::nanoseconds>(std::chrono::nanoseconds(interval()) / 2, 1s);
    return interval();
}

bool Poller::perform(CheckLock) {
    const auto now = context_.clock.now();
    const auto holder = context_.find_lock_holder(child_->lvpoll->pid());
    child_->lock_check = now + limits::lock_patience;
    lock_.clear();
    if (!holder)
        return true;
    lock_ = "waiting for the lock of " + names().vg + ", held by " + holder->name + "[" +
            std::to_string(holder->pid) + "]";
    if (!std::exchange(said_lock_, true))
        say(LogLevel::warning, occupation() + " is " + lock_);
    return true;
}

bool Poller::perform(TakeTurn) {
    auto slot = context_.slots.take(names().vg, this, waker());
    waits_to_step_ = !slot;
    if (slot)
        slot_.emplace(std::move(*slot));
    return true;
}

bool Poller::perform(GiveTurn) {
    slot_.reset();
    return true;
}

bool Poller::perform(Start start) {
    const auto [vg, lv] = names();
    if (serves_another(vg, lv)) {
        name_taken_ = true;
        look_at_ = context_.clock.now() + rename_pause;
        return true;
    }
    if (request().abort) {
        fences_ = 0;
        listener_.aborts(*this);
        slot_.emplace(context_.slots.occupy(vg));
    } else if (start.purpose == Purpose::resident) {
        report_resident();
    }
    operation_->begin_step();
    operation_->set_phase(start.purpose == Purpose::resident ? Phase::resident : Phase::stepping);
    if (start.purpose == Purpose::step) {
        const auto& copy = *view().copy();
        say(LogLevel::debug,
            copy.dm_name + (copy.failed ? ": the kernel has given up"
                                        : ": copied at sector " + std::to_string(copy.segment_start)));
        if (is_protected())
            trust().begin_step();
    }
    launch(start.purpose, vg, lv);
    return true;
}

void Poller::launch(Purpose purpose, const std::string& vg, const std::string& lv) {
    const auto& wanted = request().interval;
    const auto interval = begun_ || looked_ ? recall_interval(wanted) : wanted.text;
    auto launched =
        context_.launcher.launch({request(), interval, vg, lv, operation_->record_number()}, waker());
    const auto now = context_.clock.now();
    if (const auto* failure = std::get_if<SpawnFailure>(&launched)) {
        const auto result = report_spawn_failure(context_.log, request(), *failure);
        pause_ = std::clamp<std::chrono::seconds>(pause_ * 2, 1s, longest_pause);
        next_start_ = now + pause_;
        slot_.reset();
        if (!begun_)
            result_ = result;
        reported_ = true;
        return;
    }
    child_.emplace(
        Child{.lvpoll = std::move(std::get<std::unique_ptr<LvPoll>>(launched)), .purpose = purpose});
    begun_ = true;
    reported_ = false;
    pause_ = 0s;
    started_for_ = view_ && view_->sees_copy() ? std::optional(dm::key(*view_->copy())) : std::nullopt;
    operation_->set_lvpoll(child_->lvpoll->pid());
    say(LogLevel::debug, occupation() + " started for " + vg + "/" + lv);
    child_->misdirected = serves_another(vg, lv);
    if (purpose != Purpose::resident)
        child_->slot_end = now + (purpose == Purpose::step ? longest_step : longest_decision);
    if (purpose != Purpose::resident || request().abort)
        child_->lock_check = now + limits::lock_patience;
    look_at_ = TimePoint::min();
}

bool Poller::serves_another(const std::string& vg, const std::string& lv) const {
    auto* kernel = context_.kernel;
    const auto lvid = request().identity.lvid();
    if (kernel == nullptr || !dm::is_lvid(lvid) || !kernel->can_watch())
        return false;
    try {
        const auto found = kernel->lvid_of(vg, lv);
        return found && *found != lvid;
    } catch (const std::system_error&) {
        return false; // as under the classical daemon, which never asks
    }
}

void Poller::report_resident() {
    const bool failed = view_ && view_->seen() == Seen::failed;
    const bool strange = view_ && view_->seen() == Seen::strange && is_watched();
    if (context_.watching == nullptr || std::exchange(said_resident_, true))
        return;
    if (failed && is_watched())
        say(LogLevel::warning, "can't be watched any more, " + left_unwatched() + ": " + view_->problem());
    else if (strange)
        say(LogLevel::warning, left_unwatched() + ": " + view_->problem());
    else if (kind().comparable && !resident_for_good_)
        say(LogLevel::warning, left_unwatched() + ": " + obstacle());
    resident_for_good_ = resident_for_good_ || (failed && is_watched());
}

bool Poller::perform(Retire retire) {
    child_->retired = true;
    child_->advanced = retire.advanced;
    child_->lvpoll->terminate();
    return true;
}

bool Poller::perform(TakeEnd) {
    const auto child = std::move(*child_);
    const auto status = *child.lvpoll->status();
    child_.reset();
    subscription_.reset();
    lock_.clear();
    if (!child.survivor && !(child.retired && is_interruption(status))) {
        result_ = std::visit([](const auto& how) { return Result(how); }, status);
        last_error_ = child.lvpoll->last_error();
    }
    if (child.advanced) {
        idle_steps_ = 0;
        give_up_ = Facts::never;
        denial_pause_ = 0s;
    } else if (child.purpose == Purpose::step && !result_ && fences_ == 0 && !stopping_ &&
               ++idle_steps_ >= most_idle_steps) {
        resident_for_good_ = true;
        say(LogLevel::warning, std::to_string(idle_steps_) + " steps changed nothing; " + left_unwatched());
    }
    if (!is_watched())
        operation_->begin_step(); // as under the classical daemon, whoever joined is served by it
    slot_.reset();
    listener_.quiet(*this);
    wake(); // whoever waited for the slot goes first
    return false;
}

bool Poller::perform(Compare) {
    const auto& copy = *view().copy();
    const bool suspect = trust().is_suspect();
    try {
        comparison_ = trust().compare(context_.executor, copy, this, waker());
    } catch (const std::system_error& error) {
        say(LogLevel::warning, std::string("its legs can't be compared now: ") + error.what());
    }
    waits_to_compare_ = comparison_ == nullptr;
    if (comparison_ && suspect)
        say(LogLevel::warning, "something speaks against the copy of " + copy.dm_name +
                                   "; comparing both legs before anything is committed");
    return true;
}

bool Poller::perform(Cancel) {
    comparison_->cancel();
    return true;
}

bool Poller::perform(Drop) {
    if (const auto& outcome = comparison_->outcome();
        outcome && std::holds_alternative<verify::Undecided>(*outcome))
        say(LogLevel::warning, "not committed yet: " + lvmpolld::text_of(*outcome) +
                                   "; comparing again. Fewer writes to it let the comparison end");
    else
        say(LogLevel::info, "the comparison of its legs says nothing about what is there now");
    comparison_.reset();
    look_at_ = TimePoint::min();
    listener_.quiet(*this);
    return true;
}

bool Poller::perform(Accept) {
    const auto level = trust().is_suspect() ? LogLevel::warning : LogLevel::info;
    say(level, "verified: " + lvmpolld::text_of(*comparison_->outcome()));
    trust().accept();
    comparison_.reset();
    listener_.quiet(*this);
    return true;
}

bool Poller::perform(Retry) {
    const auto now = context_.clock.now();
    if (give_up_ == Facts::never)
        give_up_ = now + longest_denial;
    denial_pause_ = std::max<std::chrono::seconds>(2 * denial_pause_, 1s);
    next_start_ = now + denial_pause_;
    say(LogLevel::info, std::string("lvm says that it is finished, but the kernel still shows the ") +
                            kind().noun + "; trying again in " + std::to_string(denial_pause_.count()) +
                            " s");
    result_.reset();
    look_at_ = TimePoint::min();
    return true;
}

bool Poller::perform(Again) {
    result_.reset();
    joined_ = false;
    give_up_ = Facts::never;
    if (view_)
        view_->forget_copy();
    if (trust_)
        trust_->forget();
    look_at_ = TimePoint::min();
    return true;
}

} // namespace lvmpolld
