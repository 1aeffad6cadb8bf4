// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation.h"

#include "base/limits.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <numeric>
#include <utility>

namespace lvmpolld {

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

Operation::Operation(Store& store, PollRequest request, Records* records,
                     RecordNumber record_number)
    : store_(store), request_(std::move(request)), records_(records),
      record_number_(record_number) {}

Operation::Snapshot Operation::snapshot() {
    const Lock lock(mutex);
    auto state = state_;
    if (is_readable()) {
        state.phase = Phase::finished;
    } else if (state.result) { // as if it were not there: the reason for it, too
        state.result.reset();
        state.waits_for.clear();
    }
    return state;
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
    if (state_.progress && state_.progress != progress)
        state_.progressed_at = boot_time();
    state_.progress = progress;
}

void Operation::set_waiting(std::string text) {
    const Lock lock(mutex);
    state_.waits_for = std::move(text);
}

void Operation::set_verification(Verification verification) {
    const Lock lock(mutex);
    state_.verification = verification;
}

Operation::History Operation::history() {
    const Lock lock(mutex);
    const auto& held = claims_.held();
    return {accepted_at_, finished_at_,
            std::accumulate(held.begin(), held.end(), 0U,
                            [](unsigned sum, const auto& claims) { return sum + claims.count; })};
}

void Operation::set_lvpoll(pid_t pid) {
    const Lock lock(mutex);
    state_.lvpoll = pid;
}

void Operation::add_output(std::string_view line) {
    auto lines = std::make_shared<std::vector<std::string>>();
    lines->reserve(limits::shown_output_lines);
    const Lock lock(mutex);
    if (const auto& before = state_.output) {
        const bool full = before->size() == limits::shown_output_lines;
        lines->assign(before->begin() + (full ? 1 : 0), before->end());
    }
    lines->emplace_back(line.substr(0, limits::shown_output_bytes));
    state_.output = std::move(lines);
}

bool Operation::begin_step() {
    const Lock lock(mutex);
    return std::exchange(joined_, false);
}

Operation::Reading Operation::read_with_claim(SessionNumber session) {
    const Lock lock(mutex);
    if (!is_readable())
        return {};
    claims_.use(session);
    return {.result = state_.result, .used = true, .last = claims_.is_unclaimed()};
}

Operation::Reading Operation::read_without_claim() {
    const Lock lock(mutex);
    if (!is_readable())
        return {};
    const bool used = claims_.use_free();
    return {.result = state_.result, .used = used, .last = claims_.is_unclaimed()};
}

void Operation::answered(SessionNumber session) {
    const Lock lock(mutex);
    claims_.answered(session);
    write_record();
}

void Operation::unanswered(SessionNumber session) {
    {
        const Lock lock(mutex);
        claims_.free_answer(session);
        if (stored_)
            return write_record();
    }
    store_.hand_on(shared_from_this());
}

void Operation::release_claims(SessionNumber session, unsigned count) {
    {
        const Lock lock(mutex);
        claims_.release(session, count);
        if (stored_)
            return write_record();
    }
    store_.hand_on(shared_from_this());
}

void Operation::give_up_claims(SessionNumber session, unsigned count) {
    const Lock lock(mutex);
    claims_.give_up(session, count);
    write_record();
}

Records::Ticket Operation::last_ticket() {
    const Lock lock(mutex);
    return last_ticket_;
}

bool Operation::is_decided() {
    const Lock lock(mutex);
    return state_.result.has_value();
}

void Operation::begin(SessionNumber session) {
    const Lock lock(mutex);
    claims_.hold(session);
    ++state_.init_requests;
}

Operation::Joining Operation::join(SessionNumber session, OperationType type) {
    const Lock lock(mutex);
    if (state_.result)
        return Joining::finished;
    if (request_.type != type)
        return Joining::different;
    claims_.hold(session); // first, since it may fail
    ++state_.init_requests;
    joined_ = true;
    write_record(Records::By::caller);
    return Joining::joined;
}

void Operation::restore(Record record) {
    const Lock lock(mutex);
    claims_ = ClaimLedger(std::move(record.held_claims), record.free_claims);
    state_.result = record.result;
    // No time to come, which a damaged record may have: it would be waited for.
    finished_at_ = std::min(record.finished_at, Clock::now());
    accepted_at_ = std::min(record.accepted_at, boot_time());
}

void Operation::inherit(unsigned claims) {
    const Lock lock(mutex);
    claims_.add_free(claims);
}

void Operation::inherit(const std::vector<HeldClaims>& claims) {
    const Lock lock(mutex);
    for (const auto& [session, count] : claims)
        claims_.hold(session, count);
}

std::vector<HeldClaims> Operation::held_claims() {
    const Lock lock(mutex);
    return claims_.held();
}

std::vector<HeldClaims> Operation::take_held_claims() {
    const Lock lock(mutex);
    return claims_.take_held();
}

void Operation::enter_store() {
    const Lock lock(mutex);
    stored_ = true;
}

unsigned Operation::leave_store() {
    const Lock lock(mutex);
    stored_ = false;
    return claims_.take_free();
}

Record Operation::record() const {
    const auto claims = claims_.recorded();
    return {record_number_, request_,     claims.held(), claims.free(),
            state_.result,  finished_at_, accepted_at_};
}

void Operation::save(Records::By by) noexcept {
    const Lock lock(mutex);
    write_record(by);
}

void Operation::write_record(Records::By by) noexcept {
    if (records_ == nullptr)
        return;
    try {
        if (!stored_ && claims_.is_empty())
            records_->remove(request_.abort, record_number_);
        else
            last_ticket_ = records_->save(record(), by);
    } catch (const std::bad_alloc&) {
        records_->report(ENOMEM);
    }
}

bool Operation::finish(const Result& result) {
    const Lock lock(mutex);
    if (joined_)
        return false;
    state_.result = result;
    finished_at_ = Clock::now();
    write_record();
    result_ticket_ = last_ticket_;
    return true;
}

} // namespace lvmpolld
