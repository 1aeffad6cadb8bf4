// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/claims.h"

namespace lvmpolld {

namespace {

Claims::Answer answer(Operation& operation, const Operation::Reading& reading) {
    if (!reading.result)
        return Claims::InProgress{};
    if (reading.last)
        operation.store().forget(operation);
    return *reading.result;
}

} // namespace

Claims::~Claims() {
    for (auto& [identity, held] : claims_)
        for (; held.count > 0; --held.count)
            held.operation->release_claim();
}

void Claims::add(std::shared_ptr<Operation> operation) {
    auto [position, end] = claims_.equal_range(operation->identity());
    while (position != end) {
        auto& held = position->second;
        if (held.operation == operation) {
            ++held.count;
            return;
        }
        const bool replaced = &held.operation->store() == &operation->store();
        position = replaced ? claims_.erase(position) : std::next(position);
    }
    const std::string_view identity = operation->identity();
    claims_.emplace(identity, Held{std::move(operation), 1});
}

Claims::Answer Claims::read(Store& store, std::string_view identity) {
    const auto [begin, end] = claims_.equal_range(identity);
    for (auto claim = begin; claim != end; ++claim) {
        const auto operation = claim->second.operation;
        if (&operation->store() != &store)
            continue;
        const auto reading = operation->read_with_claim();
        if (reading.result && --claim->second.count == 0)
            claims_.erase(claim);
        return answer(*operation, reading);
    }
    const auto operation = store.find(identity);
    if (!operation)
        return NotFound{};
    return answer(*operation, operation->read_without_claim());
}

} // namespace lvmpolld
