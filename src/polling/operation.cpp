// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/operation.h"

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

Operation::Operation(Store& store, wire::PollRequest request)
    : store_(store), request_(std::move(request)), identity_(request_.identity()) {}

Operation::Snapshot Operation::snapshot() {
    const Lock lock(mutex);
    return state_;
}

void Operation::set_phase(Phase phase) {
    const Lock lock(mutex);
    state_.phase = phase;
}

void Operation::set_progress(const Progress& progress) {
    const Lock lock(mutex);
    state_.progress = progress;
}

void Operation::set_lvpoll(pid_t pid) {
    const Lock lock(mutex);
    state_.lvpoll = pid;
}

void Operation::begin_step() {
    const Lock lock(mutex);
    joined_ = false;
}

Operation::Reading Operation::read_with_claim() {
    const Lock lock(mutex);
    if (!state_.result)
        return {};
    --held_claims_;
    return {state_.result, unclaimed()};
}

Operation::Reading Operation::read_without_claim() {
    const Lock lock(mutex);
    if (!state_.result)
        return {};
    if (free_claims_ > 0)
        --free_claims_;
    return {state_.result, unclaimed()};
}

void Operation::release_claim() {
    const Lock lock(mutex);
    --held_claims_;
    ++free_claims_;
}

} // namespace lvmpolld
