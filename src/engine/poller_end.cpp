// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How a Poller tells what it waits for, and how its operation ended.
#include "dm/device_name.h"
#include "engine/poller.h"
#include "lvpoll/lvpoll_end.h"

namespace lvmpolld {

namespace {

/// None: it stays as it was.
std::optional<Phase> phase_of(Reason why) {
    switch (why) {
    case Reason::copying:
    case Reason::leg_failed:
    case Reason::promised:
    case Reason::turn_to_step:
    case Reason::turn_to_compare:
    case Reason::name:
        return Phase::watching;
    case Reason::next_comparison:
    case Reason::comparing:
    case Reason::comparison_end:
        return Phase::verifying;
    case Reason::stepping:
        return Phase::stepping;
    case Reason::resident:
        return Phase::resident;
    case Reason::fenced:
        return Phase::fenced;
    case Reason::lvpoll_end:
    case Reason::next_start:
    case Reason::confirmation:
        break;
    }
    return std::nullopt;
}

} // namespace

void Poller::say(LogLevel level, const std::string& text) const {
    if (context_.log.enabled(level))
        context_.log.write(level, describe(request()) + ": " + text, fields_of(request()));
}

void Poller::say(LogLevel level, const std::string& text, OperationEvent event,
                 const std::optional<Result>& result) const {
    if (context_.log.enabled(level))
        context_.log.write(level, describe(request()) + ": " + text,
                           fields_of(*operation_, event, result));
}

void Poller::show(const Wait& wait) {
    if (const auto phase = phase_of(wait.why);
        phase && (!request().abort || *phase != Phase::fenced))
        operation_->set_phase(*phase);
    auto text = text_of(wait.why);
    const bool trouble = wait.why == Reason::leg_failed || lock_;
    if (!text.empty() && std::exchange(shown_, wait.why) != wait.why) {
        if (trouble)
            say(LogLevel::warning, text, OperationEvent::stalled);
        else
            say(LogLevel::debug, text);
    }
    operation_->set_waiting(std::move(text));
}

std::string Poller::text_of(Reason why) const {
    switch (why) {
    case Reason::leg_failed: {
        const auto disk = dm::disk_name(dm::failed_leg(*view_->copy())->device);
        const auto [vg, lv] = names();
        return "stuck: the leg on " + disk + " failed, and nothing more is copied. " +
               (kind().own_lvid ? kind().way_out
                                : "Take it out: `lvconvert -m… " + vg + "/" + lv + " " +
                                      disk.substr(0, disk.find(' ')) + "`");
    }
    case Reason::turn_to_step:
        return "waiting for its turn in " + names().vg;
    case Reason::turn_to_compare:
        return "waiting for its turn to be compared";
    case Reason::next_comparison:
        return "waiting to compare its legs again: " + postponed_->why;
    case Reason::name:
        return "waiting: another LV is called " + names().vg + "/" + names().lv;
    case Reason::next_start:
        return give_up_ != Facts::never
                   ? "waiting to try again: lvm says that it is finished, the kernel does not"
                   : "waiting to start lvm again";
    case Reason::confirmation:
        return "waiting: lvm says that it is finished, and the kernel can't be asked: " +
               view_->problem();
    case Reason::lvpoll_end:
        return "waiting for the end of " + occupation();
    case Reason::stepping:
    case Reason::resident:
        return lock_ ? *lock_ : std::string();
    case Reason::copying:
    case Reason::promised:
    case Reason::comparing:
    case Reason::comparison_end:
    case Reason::fenced:
        break;
    }
    return {};
}

bool Poller::perform(Finish finish) {
    using enum Finish::How;
    if (finish.how == stopped) {
        if (life_ == Life::failing)
            operation_->store().fail(*operation_);
        life_ = Life::over;
        return false;
    }
    if (finish.how == as_lvpoll_says) {
        report_result();
        settle_suspicion();
        operation_->set_waiting(last_error_ && !is_success() ? *last_error_ : "");
        return !conclude(ending_->result);
    }
    if (finish.how == name_is_anothers)
        end_with(LogLevel::warning,
                 "the LV is gone and another one has its name; nothing left to do",
                 OperationEvent::completed);
    else if (finish.how == name_is_lost)
        end_with(LogLevel::error,
                 "another LV is called " + names().vg + "/" + names().lv +
                     " now, and what has become of this one can't be seen. Nothing more is tried. "
                     "`lvs -a` shows it; `lvchange --poll y` has it polled again",
                 OperationEvent::failed);
    else if (finish.how == denied)
        end_with(LogLevel::error, denial(), OperationEvent::failed);
    else if (finish.how == unconfirmed)
        end_with(LogLevel::error,
                 "lvm says that it is finished, but the kernel could not be asked for a "
                 "minute: " +
                     view_->problem() +
                     ". `lvs -a` shows whether it is; `lvchange --poll y` or "
                     "`vgchange --poll y` has it polled again",
                 OperationEvent::failed);
    else
        refuse(finish.how == refused_bad
                   ? "NOT committed, the copy is bad: " + lvmpolld::text_of(*comparison_->outcome())
                   : "NOT committed: the copy can't be verified: " + problem() +
                         " (--verify=never would trust it)");
    if (finish.how == refused_bad)
        operation_->set_verification(Verification::different);
    comparison_.reset();
    ending_.reset();
    // Whoever joined meanwhile asked for the same copy.
    operation_->begin_step();
    const auto code = finish.how == name_is_anothers ? 0 : lvm_failed;
    look_at_ = TimePoint::min();
    return !conclude(Exited{code});
}

bool Poller::conclude(const Result& result) {
    const bool finished = operation_->store().finish(*operation_, result);
    if (finished)
        life_ = Life::over;
    else if (ending_)
        ending_->joined = true;
    return finished;
}

void Poller::end_with(LogLevel level, const std::string& reason, OperationEvent event) {
    const auto code = event == OperationEvent::completed ? 0 : lvm_failed;
    say(level, reason, event, Exited{code});
    operation_->set_waiting(reason);
}

void Poller::report_result() {
    if (std::exchange(ending_->reported, true))
        return;
    auto fields = fields_of(*operation_, event_of(ending_->result), ending_->result);
    if (const auto* exited = std::get_if<Exited>(&ending_->result))
        report_end(context_.log, request(), *exited, std::move(fields));
    else if (const auto* killed = std::get_if<Killed>(&ending_->result))
        report_end(context_.log, request(), *killed, std::move(fields));
    if (view_ && view_->is_left_behind())
        say(LogLevel::error, view_->names().vg + "/" + view_->names().lv +
                                 " is left behind, empty: somebody holds its device open. Close "
                                 "it, then `lvremove " +
                                 view_->names().vg + "/" + view_->names().lv + "`");
}

std::string Poller::denial() const {
    const auto& copy = *view_->copy();
    return std::string("lvm says that it is finished, but the kernel still shows the ") +
           kind().noun + " " + copy.dm_name + ", for a minute now" +
           (last_error_ && !last_error_->empty() ? "; lvm printed: " + *last_error_ : "") +
           ". Nothing more is tried. Does lvm see the VG " + copy.vg +
           "? Check its filters and devices file, other VGs of that name, whether the metadata can "
           "be read, "
           "and"
           " the VG's system ID; then `lvchange --poll y` or `vgchange --poll y`";
}

std::string Poller::problem() const {
    const bool shown = view_ && (view_->seen() == Seen::failed || view_->seen() == Seen::strange);
    return is_watched() && shown ? view_->problem() : obstacle();
}

void Poller::refuse(const std::string& why) {
    end_with(LogLevel::error, why + ". " + kind().way_out, OperationEvent::refused);
    context_.statistics->refused_copies.add();
    trust().refuse();
}

void Poller::settle_suspicion() {
    if (context_.watching == nullptr || !kind().comparable || !is_success() || !view_)
        return;
    strike_off_suspects();
    if (view_->is_inactive() && request().abort)
        context_.watching->trust.suspects.erase_all_of(request().identity.lvid());
}

std::string Poller::left_unwatched() const {
    return std::string("left to a resident lvpoll") +
           (kind().comparable ? ", which would commit a bad copy, too" : "");
}

} // namespace lvmpolld
