// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claim_ledger.h"

#include <algorithm>
#include <utility>

namespace lvmpolld {

namespace {

void add(std::vector<HeldClaims>& claims, SessionNumber session, unsigned count) {
    const auto found = std::ranges::find(claims, session, &HeldClaims::session);
    if (found == claims.end())
        claims.push_back({session, count});
    else
        found->count += count;
}

void drop(std::vector<HeldClaims>& claims, SessionNumber session, unsigned count) {
    const auto found = std::ranges::find(claims, session, &HeldClaims::session);
    found->count -= count;
    if (found->count == 0)
        claims.erase(found);
}

} // namespace

void ClaimLedger::hold(SessionNumber session, unsigned count) {
    add(held_, session, count);
}

void ClaimLedger::use(SessionNumber session) {
    add(answering_, session, 1); // first, since it may fail
    drop(held_, session, 1);
}

bool ClaimLedger::use_free() {
    if (free_ == 0 && !is_unclaimed())
        return false;
    add(answering_, anybody, 1); // first, since it may fail
    if (free_ > 0)
        --free_;
    return true;
}

void ClaimLedger::answered(SessionNumber session) {
    drop(answering_, session, 1);
}

void ClaimLedger::free_answer(SessionNumber session) {
    drop(answering_, session, 1);
    ++free_;
}

void ClaimLedger::release(SessionNumber session, unsigned count) {
    drop(held_, session, count);
    free_ += count;
}

void ClaimLedger::give_up(SessionNumber session, unsigned count) {
    drop(held_, session, count);
}

unsigned ClaimLedger::take_free() noexcept {
    return std::exchange(free_, 0U);
}

std::vector<HeldClaims> ClaimLedger::take_held() noexcept {
    return std::exchange(held_, {});
}

ClaimLedger ClaimLedger::recorded() const {
    ClaimLedger result(held_, free_);
    for (const auto& [session, count] : answering_) {
        if (session == anybody)
            result.free_ += count;
        else
            add(result.held_, session, count);
    }
    return result;
}

} // namespace lvmpolld
