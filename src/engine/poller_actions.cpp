// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a Poller does for the actions of the plan that concern the kernel, slots and comparisons.
#include "engine/poller.h"

#include <algorithm>
#include <system_error>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// Between two comparisons.
constexpr auto longest_postponement = 60s;

std::string completion_of(const dm::Copy& copy) {
    if (copy.failed)
        return copy.dm_name + ": the kernel has given it up";
    if (dm::legs(copy).empty())
        return copy.dm_name + " is merged";
    return copy.dm_name + " in sync at sector " + std::to_string(copy.segment_start);
}

} // namespace

bool Poller::perform(const Wait& wait) {
    if (wait.why != Reason::turn_to_step)
        context_.slots.forget(this);
    if (wait.why != Reason::turn_to_compare && context_.watching != nullptr)
        context_.watching->trust.slots.forget(this);
    if (!child_)
        slot_.reset();
    try {
        if (subscribe(wait.why)) {
            look_at_ = TimePoint::min();
            return true;
        }
    } catch (const std::system_error& error) {
        subscription_.reset();
        // Where legs are compared its interval will do.
        if (wait.why != Reason::comparing && wait.why != Reason::next_comparison) {
            view().take_failure(error.what());
            found_.verdict.reset();
            return true;
        }
    }
    show(wait);
    arm(wait.until);
    return false;
}

bool Poller::subscribe(Reason why) {
    std::function<bool()> concerns;
    switch (why) {
    case Reason::copying:
    case Reason::leg_failed:
        concerns = [&kernel = context_.watching->events.kernel(), uuid = view().copy()->uuid,
                    number = view().copy()->event_number] {
            return kernel.event_number(uuid) != number;
        };
        break;
    case Reason::stepping:
        // A decision is about no copy that could change. Who can't ask looks, and meets the error.
        if (child_->purpose == Purpose::decide)
            concerns = [this] { return kernel() == nullptr || is_name_taken(child_->names); };
        break;
    case Reason::comparing:
    case Reason::next_comparison:
        break; // the swap of a table does not change the number
    default:
        subscription_.reset();
        return false;
    }
    const bool at_every_event = !concerns;
    // The one before ends only now, so that the listening goes on.
    subscription_ = std::make_unique<KernelWatch::Subscription>(
        context_.watching->events, KernelWatch::Interest{std::move(concerns), waker()});
    return at_every_event && subscription_->began();
}

bool Poller::perform(Look) {
    if (!child_ && !comparison_ && !ending_)
        operation_->begin_step();
    const auto now = context_.clock.now();
    found_.verdict.reset();
    try {
        if (auto* const asked = kernel())
            view().take(asked->look(request().identity.lvid(), request().type), now);
        else
            view().take_failure(context_.kernel->obstacle());
    } catch (const std::system_error& error) {
        view().take_failure(error.what());
    }
    look_at_ = now + (child_ ? pause_beside(child_->purpose) : interval());
    if (child_) // it may wait for the VG's lock until another LV has the name
        child_->misdirected = is_name_surely_taken(child_->names);
    const bool answered = view().seen() != Seen::failed && view().seen() != Seen::strange;
    if (!child_ && is_success() && !answered)
        look_at_ = doubt();
    if (is_watched()) {
        if (!ending_) // a success too early does not end the delay
            promised_.reset();
        if (view().sees_copy())
            take_in_copy();
        else if (is_protected())
            strike_off_suspects();
    }
    return true;
}

void Poller::take_in_copy() {
    const auto& copy = *view().copy();
    const bool advanced = child_ && child_->purpose == Purpose::step && !is_same();
    const bool free = !child_ && !comparison_ && !ending_;
    if (is_protected() && (advanced || free))
        trust().see(copy); // a leg's letter may be another one once lvpoll has ended
    if (view().seen() != Seen::complete)
        postponed_.reset();
    if (!free)
        return;
    operation_->set_progress(view().progress());
    if (view().seen() == Seen::complete)
        say(LogLevel::debug, completion_of(copy));
    else
        look_at_ = view().next_look(context_.clock.now(), kind(), interval());
}

/// No copy is seen: the LV has none any more, or is inactive, and then it may still have one in
/// LVM's metadata.
void Poller::strike_off_suspects() const {
    auto& suspects = context_.watching->trust.suspects;
    if (view_->is_idle())
        suspects.erase_all_of(request().identity.lvid());
    else if (view_->is_inactive())
        suspects.erase_lost_with_device(request().identity.lvid());
}

std::chrono::nanoseconds Poller::pause_beside(Purpose purpose) const {
    // A mirror that appears beside a deciding lvpoll is to be seen before that looks a second time,
    // after its interval: it would commit it.
    if (purpose == Purpose::decide && kind().comparable)
        return std::min<std::chrono::nanoseconds>(std::chrono::nanoseconds(interval()) / 2, 1s);
    return interval();
}

bool Poller::perform(TakeTurn) {
    auto slot = context_.slots.take(names().vg, this, waker());
    found_.waits_to_step = !slot;
    if (slot)
        slot_ = std::make_unique<Slots::Slot>(std::move(*slot));
    return true;
}

bool Poller::perform(GiveTurn) {
    slot_.reset();
    return true;
}

bool Poller::perform(Compare) {
    const auto& copy = *view().copy();
    const bool suspect = trust().is_suspect();
    operation_->set_verification(Verification::suspect);
    try {
        comparison_ = trust().compare(context_.executor, copy, this, waker());
    } catch (const std::system_error& error) {
        postpone_comparison(lvmpolld::text_of(verify::NotCompared{error.code().value()}));
        return true;
    } catch (const std::bad_alloc&) {
        postpone_comparison(lvmpolld::text_of(verify::NotCompared{ENOMEM}));
        return true;
    }
    found_.waits_to_compare = comparison_ == nullptr;
    if (comparison_)
        operation_->set_verification(Verification::comparing);
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
    const auto& outcome = comparison_->outcome();
    if (outcome && !comparison_->is_cancelled() && comparing() == Facts::Comparing::useless) {
        const bool hot = std::holds_alternative<verify::Undecided>(*outcome);
        postpone_comparison(lvmpolld::text_of(*outcome) +
                            (hot ? ". Fewer writes to it let the comparison end" : ""));
    } else {
        postponed_.reset();
        say(LogLevel::info, "the comparison of its legs says nothing about what is there now");
    }
    operation_->set_verification(Verification::suspect);
    comparison_.reset();
    look_at_ = TimePoint::min();
    listener_.quiet(*this);
    return true;
}

void Poller::postpone_comparison(std::string why) {
    const bool first = !postponed_;
    if (first)
        postponed_ = std::make_unique<Postponed>();
    postponed_->pause =
        std::clamp<std::chrono::seconds>(2 * postponed_->pause, 1s, longest_postponement);
    postponed_->until = context_.clock.now() + postponed_->pause;
    if (first || why != postponed_->why)
        say(LogLevel::warning, "not committed yet: " + why, OperationEvent::stalled);
    postponed_->why = std::move(why);
}

bool Poller::perform(Accept) {
    const auto level = trust().is_suspect() ? LogLevel::warning : LogLevel::info;
    say(level, "verified: " + lvmpolld::text_of(*comparison_->outcome()));
    trust().accept(*view().copy());
    operation_->set_verification(Verification::equal);
    found_.verdict.reset();
    comparison_.reset();
    postponed_.reset();
    listener_.quiet(*this);
    return true;
}

bool Poller::perform(Retry) {
    next_start_ = doubt();
    say(LogLevel::info,
        std::string("lvm says that it is finished, but the kernel still shows the ") + kind().noun +
            "; trying again in " + std::to_string(denial_pause_.count()) + " s");
    ending_.reset();
    look_at_ = TimePoint::min();
    return true;
}

/// The kernel does not confirm a success: when to try again.
Poller::TimePoint Poller::doubt() {
    const auto now = context_.clock.now();
    if (give_up_ == Facts::never)
        give_up_ = now + longest_denial;
    denial_pause_ = std::max<std::chrono::seconds>(2 * denial_pause_, 1s);
    return now + denial_pause_;
}

bool Poller::perform(Again) {
    ending_.reset();
    give_up_ = Facts::never;
    if (view_)
        view_->forget_copy();
    if (trust_)
        trust_->forget();
    look_at_ = TimePoint::min();
    return true;
}

} // namespace lvmpolld
