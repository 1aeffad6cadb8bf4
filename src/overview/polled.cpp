// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/polled.h"

#include "operation/record.h"

#include <array>
#include <cstddef>

namespace lvmpolld::overview {

namespace {

State state_of(Phase phase) {
    constexpr std::array states{State::accepted, State::watching, State::verifying, State::stepping,
                                State::resident, State::fenced,   State::finished};
    return states[static_cast<std::size_t>(phase)];
}

/// None: the state does not tell.
std::optional<Engine> engine_of(State state) {
    switch (state) {
    case State::watching:
    case State::verifying:
    case State::stepping:
        return Engine::watched;
    case State::resident:
        return Engine::resident;
    default:
        return std::nullopt;
    }
}

} // namespace

Entry entry_of(const Polled& polled, const Moment& now) {
    const auto& [request, number, state, history, compared] = polled;
    Entry entry{.identifier = record_name(request.abort, number)};
    entry.kind = static_cast<Kind>(request.type);
    entry.store = request.abort ? StoreKind::abort : StoreKind::poll;
    entry.vg = request.vgname;
    entry.lv = request.lvname;
    entry.lvid = request.identity.lvid();
    entry.sysdir = request.identity.sysdir().value_or("");
    entry.interval = request.interval.seconds;
    entry.state = state_of(state.phase);
    if (state.progress) {
        entry.bytes_done = state.progress->copied * sector_bytes;
        entry.bytes_total = state.progress->total * sector_bytes;
    }
    if (history.accepted_at.count() != 0)
        entry.started = now.wall_of(history.accepted_at);
    if (state.progressed_at.count() != 0)
        entry.last_progress = now.wall_of(state.progressed_at);
    entry.engine = engine_of(entry.state);
    if (state.lvpoll > 0)
        entry.child = state.lvpoll;
    if (state.output)
        entry.output = *state.output;
    entry.waiting_clients = history.held_claims;
    entry.requests = state.init_requests;
    entry.verification = state.verification;
    if (compared) {
        entry.bytes_compared = compared->copied;
        entry.bytes_to_compare = compared->total;
    }
    if (state.result) {
        entry.finished = now.wall_of(history.finished_at);
        entry.result = outcome_of(*state.result, state.waits_for);
    } else {
        entry.waits_for = state.waits_for;
    }
    return entry;
}

} // namespace lvmpolld::overview
