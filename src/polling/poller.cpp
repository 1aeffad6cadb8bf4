// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/poller.h"

#include "polling/lvpoll_end.h"

#include <asio/post.hpp>

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

} // namespace

Poller::Poller(Workshop& workshop, std::shared_ptr<Operation> operation)
    : workshop_(workshop), operation_(std::move(operation)), wakeup_(workshop.clock), quiet_(workshop.clock),
      lvpoll_(workshop, *operation_) {}

Poller::~Poller() {
    workshop_.slots.forget(this);
    workshop_.verifications.forget(this);
}

void Poller::take_up(std::optional<Survivor> survivor) {
    looked_ = true;
    lvpoll_.take_up(std::move(survivor), [this] { wake(); });
}

void Poller::fence() {
    ++fences_;
    wake();
}

void Poller::release() {
    --fences_;
    // What was promised of the first look doesn't hold for an LV that an abort has changed.
    looked_ = looked_ || can_watch();
    wake();
}

void Poller::stop() {
    stopping_ = true;
    wake();
}

void Poller::wake() {
    if (!resting_)
        return wakeup_.notify();
    if (must_be_quiet())
        lvpoll_.retire();
    if (lvpoll_.has_ended()) {
        resting_ = false;
        workshop_.resume(*this);
    }
}

asio::awaitable<bool> Poller::wait_until_quiet(Clock::TimePoint deadline) {
    while (!is_quiet() && workshop_.clock.now() < deadline)
        co_await quiet_.wait(deadline);
    co_return is_quiet();
}

asio::awaitable<Poller::Outcome> Poller::run() {
    const bool over = std::exchange(result_, std::nullopt) && !std::exchange(refused_, false);
    if (over && observation_)
        observation_->forget_copy();
    while (!result_) {
        if (lvpoll_.is_rejoined()) {
            co_await wait_for_survivor();
        } else if (lvpoll_ && !lvpoll_.has_ended()) {
            resting_ = true;
            co_return Resting{};
        } else if (lvpoll_) {
            take_end();
            if (!can_watch())
                operation_->begin_step(); // as under the classical daemon, whoever joined is served by it
        } else if (stopping_) {
            co_return Stopped{};
        } else if (fences_ > 0) {
            operation_->set_phase(Phase::fenced);
            co_await wakeup_.wait();
        } else if (workshop_.clock.now() < lvpoll_.next_start()) {
            co_await wakeup_.wait(lvpoll_.next_start());
        } else if (!can_watch()) {
            stay_unwatched();
        } else if (!looked_) {
            co_await wait_as_promised();
        } else {
            std::string failure;
            try {
                co_await advance();
            } catch (const std::system_error& error) {
                failure = error.what();
            }
            if (!failure.empty())
                co_await give_up_watching(failure);
        }
    }
    forget_suspicion();
    co_return *result_;
}

void Poller::forget_suspicion() {
    if (!protects() || *result_ != Result(Exited{0}))
        return;
    const auto lvid = operation_->request().identity.lvid();
    auto& suspects = workshop_.watching->suspects;
    if (!suspects.contains_any_of(lvid) || !workshop_.watching->events.kernel().can_watch())
        return;
    try {
        const auto view = look();
        // One that is merely inactive has its copy in LVM's metadata still, unless that was aborted.
        if (std::holds_alternative<dm::NotCopying>(view) ||
            (std::holds_alternative<dm::Inactive>(view) && operation_->request().abort))
            suspects.erase_all_of(lvid);
    } catch (const std::system_error&) { // it stays suspect
    }
}

asio::awaitable<void> Poller::wait_for_survivor() {
    operation_->set_phase(Phase::resident);
    say(LogLevel::info, occupation() + " of an earlier daemon still runs and is waited for");
    if (can_watch() || !may_be_left_unverified())
        lvpoll_.retire(); // it doesn't know whether the copy is a good one
    co_await wait_for_lvpoll_end();
}

asio::awaitable<void> Poller::give_up_watching(std::string failure) {
    if (lvpoll_) {
        lvpoll_.retire();
        co_await wait_for_lvpoll_end();
    }
    if (result_ || refuses_unverified(failure))
        co_return;
    say(LogLevel::warning, "can't be watched any more, " + left_unwatched() + ": " + failure);
    resident_for_good_ = true;
}

bool Poller::protects() const {
    return workshop_.watching != nullptr && is_mirror();
}

bool Poller::may_be_left_unverified() {
    if (!protects() || operation_->request().abort)
        return true;
    if (observation_ && observation_->has_copy())
        return observation_->may_be_committed();
    return workshop_.watching->trusts(operation_->request().identity.lvid());
}

bool Poller::refuses_unverified(const std::string& why) {
    if (may_be_left_unverified())
        return false;
    refuse("NOT committed: the copy can't be verified: " + why + " (--verify=never would trust it)");
    return true;
}

void Poller::refuse(const std::string& why) {
    say(LogLevel::error, why + ". " + way_out());
    operation_->begin_step();
    refused_ = true;
    result_ = Exited{lvm_failed};
}

asio::awaitable<void> Poller::put_down() {
    stop();
    if (lvpoll_)
        co_await wait_for_lvpoll_end();
}

bool Poller::can_watch() const {
    if (workshop_.watching == nullptr || resident_for_good_ || operation_->request().abort ||
        operation_->request().type == wire::OperationType::merge_thin)
        return false;
    return !workshop_.watching->has_shared_locks() && workshop_.watching->events.kernel().can_watch();
}

std::string Poller::obstacle() const {
    if (workshop_.watching == nullptr)
        return "the kernel isn't watched (--engine=resident)";
    if (workshop_.watching->has_shared_locks())
        return "lvmlockd runs, and an lvpoll that is interrupted would leave its lock behind";
    return workshop_.watching->events.kernel().obstacle();
}

asio::awaitable<void> Poller::wait_as_promised() {
    const auto& interval = operation_->request().interval;
    operation_->set_phase(Phase::watching);
    const auto deadline = workshop_.clock.now() + (interval.wait_first ? interval.seconds : 0s);
    while (!must_be_quiet() && workshop_.clock.now() < deadline)
        co_await wakeup_.wait(deadline);
    looked_ = workshop_.clock.now() >= deadline;
}

asio::awaitable<void> Poller::advance() {
    operation_->begin_step();
    const auto view = look();
    if (const auto* copy = std::get_if<dm::Copy>(&view)) {
        co_await advance(*copy);
    } else if (const auto* strange = std::get_if<dm::Unwatchable>(&view)) {
        if (refuses_unverified(strange->reason))
            co_return;
        say(LogLevel::warning, left_unwatched() + ": " + strange->reason);
        stay_resident();
    } else {
        if (const auto* other = std::get_if<dm::NotCopying>(&view))
            observation().see({other->vg, other->lv});
        co_await decide();
    }
}

asio::awaitable<void> Poller::decide() {
    auto slot = workshop_.slots.take(names().vg, this, [this] { wake(); });
    if (!slot) {
        co_await wait_for_a_slot(workshop_.slots);
        co_return;
    }
    operation_->set_phase(Phase::stepping);
    start_lvpoll(names());
    if (!lvpoll_)
        co_return;
    // A mirror that appears is to be seen in time: lvpoll would look at it once more after its interval, and
    // commit it.
    const std::chrono::milliseconds pause = interval();
    const auto is_copying = [this] { return std::holds_alternative<dm::Copy>(look()); };
    co_await accompany(std::move(*slot), longest_decision, is_copying,
                       is_mirror() ? std::min<std::chrono::milliseconds>(pause / 2, 1s) : pause);
}

asio::awaitable<void> Poller::advance(const dm::Copy& copy) {
    observation().see(copy, workshop_.clock.now());
    operation_->set_progress(observation_->progress());
    if (!copy.complete && !copy.failed) {
        co_await watch(copy);
        co_return;
    }
    say(LogLevel::debug, copy.dm_name + " in sync at sector " + std::to_string(copy.segment_start));
    const bool good = co_await is_worth_committing(copy);
    if (good && !must_be_quiet())
        co_await step(copy);
}

asio::awaitable<void> Poller::watch(const dm::Copy& copy) {
    operation_->set_phase(Phase::watching);
    const KernelWatch::Subscription subscription(workshop_.watching->events,
                                                 {copy.uuid, copy.event_number, [this] { wake(); }});
    co_await wakeup_.wait(observation_->next_look(workshop_.clock.now(), interval()));
}

asio::awaitable<bool> Poller::is_worth_committing(const dm::Copy& copy) {
    if (!copy.is_mirror() || observation_->may_be_committed())
        co_return true;

    const auto slot = workshop_.verifications.take(operation_->identity(), this, [this] { wake(); });
    if (!slot) {
        co_await wait_for_a_slot(workshop_.verifications);
        co_return false;
    }
    operation_->set_phase(Phase::verifying);
    const bool suspect = observation_->is_suspect();
    if (suspect)
        say(LogLevel::warning, "something speaks against the copy of " + copy.dm_name +
                                   "; comparing both legs before anything is committed");
    const auto outcome = co_await verify_legs(copy);
    if (std::holds_alternative<verify::Equal>(outcome)) {
        say(suspect ? LogLevel::warning : LogLevel::info, "verified: " + text_of(outcome));
        observation_->set_verified();
    } else if (std::holds_alternative<verify::Undecided>(outcome)) {
        say(LogLevel::warning, "not committed yet: " + text_of(outcome) +
                                   "; comparing again. Fewer writes to it let the comparison end");
    } else if (!std::holds_alternative<verify::Cancelled>(outcome)) {
        observation_->set_bad();
        refuse("NOT committed, the copy is bad: " + text_of(outcome));
    }
    co_return false; // what is true now is found out by another look
}

asio::awaitable<void> Poller::wait_for_a_slot(StepSlots& slots) {
    operation_->set_phase(Phase::watching);
    co_await wakeup_.wait(workshop_.clock.now() + interval());
    slots.stop_waking(this);
}

asio::awaitable<verify::Outcome> Poller::verify_legs(const dm::Copy& copy) {
    try {
        verification_ = std::make_unique<Verification>(workshop_.executor, workshop_.watching->compare, copy,
                                                       [this] { wake(); });
    } catch (const std::system_error& error) {
        co_return verify::Unreadable{{copy.dm_name, copy.segment_start}, error.code().value()};
    }
    while (!verification_->outcome() && !gives_up_comparison_) {
        if (must_be_quiet())
            verification_->cancel();
        co_await wakeup_.wait();
    }
    const auto outcome = verification_->outcome().value_or(verify::Cancelled{});
    verification_.reset();
    gives_up_comparison_ = false;
    quiet_.notify();
    co_return outcome;
}

void Poller::give_up_comparison() {
    gives_up_comparison_ = verification_ != nullptr;
    wake();
}

asio::awaitable<void> Poller::step(const dm::Copy& copy) {
    const Names names{copy.vg, copy.lv};
    auto slot = workshop_.slots.take(names.vg, this, [this] { wake(); });
    if (!slot) {
        co_await wait_for_a_slot(workshop_.slots);
        co_return;
    }
    if (lvpoll_.would_serve_another(names.vg, names.lv)) { // renamed since the look
        slot.reset();
        co_await wakeup_.wait(workshop_.clock.now() + rename_pause);
        co_return;
    }
    operation_->set_phase(Phase::stepping);
    operation_->begin_step();
    observation_->begin_step();
    if (!launch(names, recall_interval(operation_->request().interval)))
        co_return;

    const KernelWatch::Subscription subscription(workshop_.watching->events,
                                                 {copy.uuid, std::nullopt, [this] { wake(); }});
    const auto has_advanced = [&] { return has_advanced_beyond(copy); };
    const bool advanced = co_await accompany(std::move(*slot), longest_step, has_advanced, interval());
    if (advanced)
        idle_steps_ = 0;
    else if (!must_be_quiet())
        ++idle_steps_;
    if (idle_steps_ >= most_idle_steps && !result_) {
        resident_for_good_ = true;
        say(LogLevel::warning, std::to_string(idle_steps_) + " steps changed nothing; " + left_unwatched());
    }
}

asio::awaitable<bool> Poller::accompany(StepSlots::Slot slot, std::chrono::seconds longest,
                                        std::function<bool()> is_superfluous,
                                        std::chrono::milliseconds pause) {
    std::optional<StepSlots::Slot> held(std::move(slot));
    const auto slot_end = workshop_.clock.now() + longest;
    bool superfluous = false;
    while (!lvpoll_.has_ended()) {
        superfluous = superfluous || is_superfluous();
        if (superfluous || must_be_quiet())
            lvpoll_.retire();
        if (held && workshop_.clock.now() >= slot_end)
            held.reset();
        const auto next_look = workshop_.clock.now() + pause;
        co_await wakeup_.wait(held ? std::min(slot_end, next_look) : next_look);
    }
    take_end();
    held.reset();
    co_await asio::post(workshop_.executor, asio::use_awaitable); // who waited for the slot goes first
    co_return superfluous;
}

void Poller::stay_unwatched() {
    const auto why = resident_for_good_ ? "it isn't watched any more" : obstacle();
    if (refuses_unverified(why))
        return;
    if (is_mirror() && !operation_->request().abort && !resident_for_good_)
        say(LogLevel::warning, left_unwatched() + ": " + why);
    stay_resident();
}

void Poller::stay_resident() {
    operation_->set_phase(Phase::resident);
    start_lvpoll(names());
}

void Poller::start_lvpoll(const Names& names) {
    operation_->begin_step();
    if (lvpoll_.would_serve_another(names.vg, names.lv)) {
        say(LogLevel::warning, "the LV is gone and another one has its name; nothing left to do");
        result_ = Exited{0};
        return;
    }
    const auto& wanted = operation_->request().interval;
    launch(names, lvpoll_.have_begun() || looked_ ? recall_interval(wanted) : wanted.text);
}

bool Poller::launch(const Names& names, const std::string& interval) {
    const bool first = !lvpoll_.have_begun();
    if (const auto failure = lvpoll_.start(names.vg, names.lv, interval, [this] { wake(); })) {
        if (first)
            result_ = failure;
        return false;
    }
    return true;
}

asio::awaitable<void> Poller::wait_for_lvpoll_end() {
    while (!lvpoll_.has_ended()) {
        if (must_be_quiet())
            lvpoll_.retire();
        co_await wakeup_.wait();
    }
    take_end();
}

void Poller::take_end() {
    if (const auto result = lvpoll_.take_end())
        result_ = result;
    quiet_.notify();
}

bool Poller::has_advanced_beyond(const dm::Copy& copy) {
    const auto view = look();
    const auto* now = std::get_if<dm::Copy>(&view);
    if (now == nullptr || now->segment_start == copy.segment_start)
        return false;
    observation_->see(*now, workshop_.clock.now()); // its letters may be others once lvpoll has ended
    return true;
}

dm::View Poller::look() const {
    return workshop_.watching->events.kernel().look(operation_->request().identity.lvid(),
                                                    operation_->request().type);
}

Poller::Names Poller::names() const {
    if (observation_)
        return observation_->names();
    return {operation_->request().vgname, operation_->request().lvname};
}

Observation& Poller::observation() {
    if (!observation_)
        observation_ = std::make_unique<Observation>(*workshop_.watching, names());
    return *observation_;
}

std::chrono::seconds Poller::interval() const {
    return std::max<std::chrono::seconds>(operation_->request().interval.seconds, 1s);
}

bool Poller::is_mirror() const noexcept {
    const auto type = operation_->request().type;
    return type == wire::OperationType::pvmove || type == wire::OperationType::convert;
}

std::string Poller::left_unwatched() const {
    return std::string("left to a resident lvpoll") +
           (is_mirror() ? ", which would commit a bad copy, too" : "");
}

std::string Poller::way_out() const {
    if (operation_->request().type == wire::OperationType::pvmove)
        return "The source is intact: `pvmove --abort` keeps it";
    return "The first leg is intact: `lvconvert -m0` keeps it";
}

void Poller::say(LogLevel level, const std::string& text) const {
    if (workshop_.log.enabled(level))
        workshop_.log.write(level, describe(operation_->request()) + ": " + text);
}

} // namespace lvmpolld
