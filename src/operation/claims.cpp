// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claims.h"

#include <algorithm>
#include <new>
#include <utility>

namespace lvmpolld {

Claims::~Claims() {
    unanswered();
    for (auto& [identity, held] : claims_)
        held.operation->release_claims(session_, held.count);
}

void Claims::restore(std::shared_ptr<Operation> operation, unsigned count) {
    const std::string_view identity = operation->identity();
    claims_.emplace(identity, Held{std::move(operation), count});
}

void Claims::add(const std::shared_ptr<Operation>& operation) {
    auto [position, end] = claims_.equal_range(operation->identity());
    while (position != end) {
        auto& held = position->second;
        if (held.operation == operation) {
            ++held.count;
            return;
        }
        if (&held.operation->store() == &operation->store()) {
            held.operation->give_up_claims(session_, held.count);
            position = claims_.erase(position);
        } else {
            ++position;
        }
    }
    try {
        restore(operation, 1);
    } catch (const std::bad_alloc&) {
        operation->give_up_claims(session_, 1);
        throw;
    }
}

void Claims::take_back(const Operation& operation) {
    const auto [begin, end] = claims_.equal_range(operation.identity());
    const auto claim = std::find_if(
        begin, end, [&](const auto& each) { return each.second.operation.get() == &operation; });
    if (claim == end)
        return;
    claim->second.operation->give_up_claims(session_, 1);
    if (--claim->second.count == 0)
        claims_.erase(claim);
}

Claims::Answer Claims::read(Store& store, std::string_view identity) {
    const auto [begin, end] = claims_.equal_range(identity);
    for (auto claim = begin; claim != end; ++claim) {
        const auto operation = claim->second.operation;
        if (&operation->store() != &store)
            continue;
        const auto reading = operation->read_with_claim(session_);
        if (reading.result && --claim->second.count == 0)
            claims_.erase(claim);
        return answer(operation, reading, session_);
    }
    const auto operation = store.find(identity);
    if (!operation && taken_up_)
        return Result(PollingFailed{}); // `not_found` would be taken for success
    if (!operation)
        return NotFound{};
    return answer(operation, operation->read_without_claim(), 0);
}

Claims::Answer Claims::answer(std::shared_ptr<Operation> operation,
                              const Operation::Reading& reading, SessionNumber session) {
    if (!reading.result)
        return InProgress{};
    if (reading.last)
        operation->store().forget(*operation);
    if (reading.used)
        answered_ = Answered{std::move(operation), session};
    return *reading.result;
}

void Claims::answered() {
    if (const auto answered = std::exchange(answered_, std::nullopt))
        answered->operation->answered(answered->session);
}

void Claims::unanswered() {
    if (const auto answered = std::exchange(answered_, std::nullopt))
        answered->operation->unanswered(answered->session);
}

} // namespace lvmpolld
