// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace lvmpolld {

namespace {

constexpr SessionNumber anybody = 0;

auto find(std::vector<HeldClaims>& claims, SessionNumber session) {
    return std::ranges::find(claims, session, &HeldClaims::session);
}

void add(std::vector<HeldClaims>& claims, SessionNumber session, unsigned count = 1) {
    const auto held = find(claims, session);
    if (held == claims.end())
        claims.push_back({session, count});
    else
        held->count += count;
}

void drop(std::vector<HeldClaims>& claims, SessionNumber session, unsigned count) {
    const auto held = find(claims, session);
    held->count -= count;
    if (held->count == 0)
        claims.erase(held);
}

} // namespace

std::string_view name(Phase phase) noexcept {
    switch (phase) {
    case Phase::accepted:
        return "accepted";
    case Phase::watching:
        return "watching";
    case Phase::verifying:
        return "verifying";
    case Phase::stepping:
        return "stepping";
    case Phase::resident:
        return "resident";
    case Phase::fenced:
        return "fenced";
    case Phase::finished:
        return "finished";
    }
    return "unknown";
}

Operation::Operation(Store& store, PollRequest request, Records* records, RecordNumber record_number)
    : store_(store), request_(std::move(request)), records_(records), record_number_(record_number) {}

Operation::Snapshot Operation::snapshot() {
    const Lock lock(mutex);
    return state_;
}

std::chrono::nanoseconds Operation::remaining_delay() {
    const auto& interval = request_.interval;
    const Lock lock(mutex);
    if (!interval.wait_first || accepted_at_.count() == 0)
        return {};
    return std::max<std::chrono::nanoseconds>(accepted_at_ + interval.seconds - boot_time(), {});
}

void Operation::set_phase(Phase phase) {
    const Lock lock(mutex);
    state_.phase = phase;
}

void Operation::set_progress(const Progress& progress) {
    const Lock lock(mutex);
    state_.progress = progress;
}

void Operation::set_waiting(std::string text) {
    const Lock lock(mutex);
    state_.waits_for = std::move(text);
}

void Operation::set_lvpoll(pid_t pid) {
    const Lock lock(mutex);
    state_.lvpoll = pid;
}

void Operation::begin_step() {
    const Lock lock(mutex);
    joined_ = false;
}

Operation::Reading Operation::read_with_claim(SessionNumber session) {
    const Lock lock(mutex);
    if (!state_.result)
        return {};
    add(unanswered_, session); // first, since it may fail
    drop(held_claims_, session, 1);
    return {.result = state_.result, .used = true, .last = unclaimed()};
}

Operation::Reading Operation::read_without_claim() {
    const Lock lock(mutex);
    if (!state_.result)
        return {};
    const bool used = free_claims_ > 0 || unclaimed();
    if (used)
        add(unanswered_, anybody); // first, since it may fail
    if (free_claims_ > 0)
        --free_claims_;
    return {.result = state_.result, .used = used, .last = unclaimed()};
}

void Operation::answered(SessionNumber session) {
    {
        const Lock lock(mutex);
        drop(unanswered_, session, 1);
    }
    save();
}

bool Operation::unanswered(SessionNumber session) {
    const Lock lock(mutex);
    drop(unanswered_, session, 1);
    if (!stored_)
        return false;
    ++free_claims_;
    write_record();
    return true;
}

void Operation::release_claims(SessionNumber session, unsigned count) {
    bool stored = false;
    {
        const Lock lock(mutex);
        drop(held_claims_, session, count);
        stored = stored_;
        if (stored)
            free_claims_ += count;
    }
    save();
    if (!stored)
        store_.inherit(identity(), count);
}

void Operation::give_up_claims(SessionNumber session, unsigned count) {
    const Lock lock(mutex);
    drop(held_claims_, session, count);
    write_record();
}

void Operation::begin(SessionNumber session) {
    const Lock lock(mutex);
    add(held_claims_, session);
    ++state_.init_requests;
}

Operation::Joining Operation::join(SessionNumber session, OperationType type) {
    const Lock lock(mutex);
    if (state_.result)
        return Joining::finished;
    if (request_.type != type)
        return Joining::different;
    add(held_claims_, session); // first, since it may fail
    ++state_.init_requests;
    joined_ = true;
    return Joining::joined;
}

void Operation::restore(Record record) {
    const Lock lock(mutex);
    held_claims_ = std::move(record.held_claims);
    free_claims_ = record.free_claims;
    state_.result = record.result;
    finished_at_ = record.finished_at;
    accepted_at_ = record.accepted_at;
    if (record.result)
        state_.phase = Phase::finished;
}

void Operation::inherit(unsigned claims) {
    const Lock lock(mutex);
    free_claims_ += claims;
}

void Operation::inherit(const std::vector<HeldClaims>& claims) {
    const Lock lock(mutex);
    for (const auto& [session, count] : claims)
        add(held_claims_, session, count);
}

std::vector<HeldClaims> Operation::held_claims() {
    const Lock lock(mutex);
    return held_claims_;
}

std::vector<HeldClaims> Operation::take_held_claims() {
    const Lock lock(mutex);
    return std::exchange(held_claims_, {});
}

unsigned Operation::leave_store() {
    const Lock lock(mutex);
    stored_ = false;
    return std::exchange(free_claims_, 0U);
}

Record Operation::record() const {
    Record record{record_number_, request_,     held_claims_, free_claims_,
                  state_.result,  finished_at_, accepted_at_};
    for (const auto& [session, count] : unanswered_) {
        if (session == anybody)
            record.free_claims += count;
        else
            add(record.held_claims, session, count);
    }
    return record;
}

void Operation::save() noexcept {
    const Lock lock(mutex);
    write_record();
}

void Operation::write_record() noexcept {
    if (records_ == nullptr)
        return;
    try {
        if (!stored_ && held_claims_.empty() && unanswered_.empty())
            records_->remove(request_.abort, record_number_);
        else
            records_->save(record());
    } catch (const std::bad_alloc&) {
        records_->report(ENOMEM);
    }
}

bool Operation::finish(const Result& result) {
    const Lock lock(mutex);
    if (joined_)
        return false;
    state_.result = result;
    state_.phase = Phase::finished;
    finished_at_ = Clock::now();
    write_record(); // before anybody can be told
    return true;
}

} // namespace lvmpolld
