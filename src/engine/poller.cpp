// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/poller.h"

#include "dm/name.h"

#include <asio/post.hpp>

#include <system_error>

namespace lvmpolld {

using namespace std::chrono_literals;

Poller::Poller(Context& context, PollerListener& listener, std::shared_ptr<Operation> operation)
    : context_(context), listener_(listener), operation_(std::move(operation)) {
    const auto& interval = request().interval;
    promised_ = context_.clock.now() + (interval.wait_first ? interval.seconds : 0s);
}

Poller::~Poller() {
    context_.slots.forget(this);
    if (context_.watching != nullptr)
        context_.watching->trust.slots.forget(this);
}

void Poller::take_up(std::optional<Survivor> survivor) {
    last_started_ = Purpose::step;
    promised_ = context_.clock.now() + operation_->remaining_delay();
    if (!survivor)
        return;
    child_.emplace(
        Child{.lvpoll = context_.launcher.rejoin(std::move(*survivor), [this] { wake(); }),
              .purpose = Purpose::resident,
              .survivor = true,
              .started = context_.clock.now()});
    operation_->set_lvpoll(child_->lvpoll->pid());
    say(LogLevel::info, occupation() + " of an earlier daemon still runs and is waited for");
}

void Poller::begin() {
    if (!last_started_) // an earlier daemon has said so
        say(LogLevel::notice, "begins", OperationEvent::began);
    reconcile();
}

void Poller::fence() {
    ++fences_;
    post();
}

void Poller::release() {
    --fences_;
    give_up_ = Facts::never;
    denial_pause_ = 0s;
    // After an abort the client's delay is not waited out: the LV is another one than it asked
    // about.
    if (last_started_ || is_watched())
        promised_.reset();
    wake();
}

void Poller::hold(TimePoint deadline) {
    if (fences_ > 0)
        return;
    fence_end_ = deadline;
    fence();
}

void Poller::lift() {
    fences_ = 0;
    post();
}

void Poller::stop() {
    if (life_ == Life::working)
        life_ = Life::stopping;
    post();
}

void Poller::give_up_comparison() {
    comparison_.reset();
    wake();
}

std::string Poller::occupation() const {
    return child_ ? "lvpoll[" + std::to_string(child_->lvpoll->pid()) + "]"
                  : "the comparison of its legs";
}

void Poller::wake() {
    look_at_ = TimePoint::min();
    post();
}

void Poller::post() {
    if (std::exchange(posted_, true))
        return;
    asio::post(context_.executor, [weak = weak_from_this()] {
        if (const auto poller = weak.lock()) {
            poller->posted_ = false;
            poller->reconcile();
        }
    });
}

void Poller::reconcile() {
    if (life_ == Life::over)
        return;
    try {
        act();
    } catch (const std::exception& error) {
        if (std::exchange(life_, Life::failing) == Life::failing)
            throw;
        say(LogLevel::error, std::string("failed: ") + error.what(), OperationEvent::failed,
            PollingFailed{});
        post();
    }
    if (life_ == Life::over)
        listener_.ended(*this);
}

void Poller::act() {
    found_ = {.now = context_.clock.now(),
              .shared_locks =
                  context_.watching != nullptr && context_.watching->has_shared_locks()};
    bool more = true;
    while (more)
        more = std::visit([this](const auto& action) { return perform(action); }, plan(gather()));
}

Facts Poller::gather() {
    Facts facts;
    facts.now = found_.now;
    facts.stopping = life_ != Life::working;
    facts.fenced = fences_ > 0;
    facts.fence_end = fence_end_;
    facts.give_up = give_up_;
    facts.next_start = next_start_;
    facts.watched = is_watched();
    facts.can_ask = kernel() != nullptr;
    if (facts.watched || last_started_)
        facts.promised = promised_.value_or(TimePoint::min());
    facts.look_at = look_at_;
    facts.seen = view_ && facts.now < look_at_ ? view_->seen() : Seen::unknown;
    facts.same = is_same();
    facts.was_seen = view_ && view_->copy();
    facts.name_taken = found_.name_taken;
    facts.comparing = comparing();
    facts.next_comparison = postponed_ ? postponed_->until : TimePoint::min();
    facts.turn_to_step = slot_                  ? Facts::Turn::held
                         : found_.waits_to_step ? Facts::Turn::waiting
                                                : Facts::Turn::none;
    facts.turn_to_compare = found_.waits_to_compare ? Facts::Turn::waiting : Facts::Turn::none;
    if (ending_) {
        facts.ending = is_success() ? Facts::Ending::success : Facts::Ending::other;
        facts.joined = ending_->joined;
        facts.late = ending_->late;
    }
    if (child_)
        gather_child(facts);
    // Evidence is asked for only where it counts: each time costs system calls.
    const bool counts = !facts.watched || facts.survivor || facts.seen == Seen::failed ||
                        facts.seen == Seen::strange || facts.seen == Seen::complete;
    if (is_protected() && counts && (!child_ || facts.survivor)) {
        facts.verdict = verdict(facts.watched && facts.seen == Seen::complete);
    }
    return facts;
}

void Poller::gather_child(Facts& facts) const {
    using State = Facts::Child;
    facts.child = child_->lvpoll->status() ? State::ended
                  : child_->retired        ? State::retired
                                           : State::running;
    facts.purpose = child_->purpose;
    facts.survivor = child_->survivor;
    facts.misdirected = child_->misdirected;
    facts.slot_end = slot_ ? child_->slot_end : Facts::never;
    facts.lock_check = child_->lock_check;
}

Facts::Comparing Poller::comparing() const {
    using State = Facts::Comparing;
    if (!comparison_)
        return State::none;
    const auto& outcome = comparison_->outcome();
    if (!outcome)
        return comparison_->is_cancelled() ? State::cancelled : State::running;
    if (comparison_->is_cancelled())
        return State::useless;
    if (std::holds_alternative<verify::Equal>(*outcome))
        return State::equal;
    const bool bad = std::holds_alternative<verify::Different>(*outcome) ||
                     std::holds_alternative<verify::Unreadable>(*outcome);
    return bad ? State::bad : State::useless;
}

bool Poller::is_same() const {
    if (!view_ || !view_->sees_copy())
        return false;
    const auto& copy = *view_->copy();
    if (comparison_)
        return comparison_->is_of(copy);
    const auto& before = view_->started_for();
    if (child_)
        return before && before->segment_start == copy.segment_start;
    if (view_->started_blind()) // it may be this one
        return dm::is_unfinished(request().type, dm::key(copy), copy);
    return dm::is_unfinished(request().type, before, copy);
}

dm::Kernel* Poller::kernel() const {
    auto* kernel = context_.kernel;
    const bool usable =
        kernel != nullptr && kind().visible && dm::is_lvid(request().identity.lvid());
    return usable && kernel->can_watch() ? kernel : nullptr;
}

bool Poller::is_success() const {
    return ending_ && ending_->result == Result(Exited{0});
}

bool Poller::is_watched() const {
    if (context_.watching == nullptr || resident_for_good_ || request().abort)
        return false;
    return kernel() != nullptr && !found_.shared_locks;
}

std::string Poller::obstacle() const {
    if (resident_for_good_)
        return "it isn't watched any more";
    if (found_.shared_locks)
        return "lvmlockd runs, and an lvpoll that is interrupted would leave its lock behind";
    return context_.watching->events.kernel().obstacle();
}

bool Poller::is_protected() const {
    return context_.watching != nullptr && kind().comparable && !request().abort;
}

Verdict Poller::verdict(bool can_compare) {
    auto& trust = context_.watching->trust;
    const auto lvid = request().identity.lvid();
    if (!trust_)
        trust_ = trust.find(lvid);
    if (!found_.verdict)
        found_.verdict = trust_ ? trust_->verdict(can_compare) : trust.verdict_of_unseen(lvid);
    return *found_.verdict;
}

TrackedCopy& Poller::trust() {
    if (!trust_)
        trust_ = context_.watching->trust.track(request().identity.lvid());
    return *trust_;
}

LvView& Poller::view() {
    if (!view_)
        view_ = std::make_unique<LvView>(names());
    return *view_;
}

LvView::Names Poller::names() const {
    return view_ ? view_->names() : LvView::Names{request().vgname, request().lvname};
}

std::chrono::seconds Poller::interval() const {
    return std::max<std::chrono::seconds>(request().interval.seconds, 1s);
}

std::function<void()> Poller::waker() {
    return [weak = weak_from_this()] {
        if (const auto poller = weak.lock())
            poller->wake();
    };
}

void Poller::arm(TimePoint until) {
    const auto wait = ++waits_;
    timer_.reset();
    if (until == Facts::never)
        return;
    timer_ = std::make_unique<asio::steady_timer>(context_.executor);
    context_.clock.arm(*timer_, until);
    timer_->async_wait([weak = weak_from_this(), wait](const asio::error_code&) {
        if (const auto poller = weak.lock(); poller && poller->waits_ == wait)
            poller->reconcile();
    });
}

} // namespace lvmpolld
