// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/store.h"

#include "base/limits.h"
#include "operation/operation.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace lvmpolld {

Store::Outcome Store::accept(PollRequest request, SessionNumber session) {
    std::shared_ptr<Operation> operation;
    std::shared_ptr<Operation> replaced;
    bool started = false;
    {
        const Lock lock(mutex);
        const auto found = operations_.find(request.identity.text());
        if (found == operations_.end() && operations_.size() >= limits::operations)
            return TooMany{};
        const auto joining =
            found == operations_.end() ? Operation::Joining::finished : (*found)->join(session, request.type);
        if (joining == Operation::Joining::different)
            return DifferentOperation{};
        started = joining == Operation::Joining::finished;
        if (started) {
            operation = std::make_shared<Operation>(*this, std::move(request), records_, ++last_record_);
            operation->begin(session);
            replaced = insert(operation);
            // Who has lost a connection asks by the identity, and is told of the later run.
            operation->inherit(replaced ? replaced->leave_store() : 0);
        } else {
            operation = *found;
        }
    }
    operation->save();
    if (replaced)
        replaced->save();
    return Accepted{std::move(operation), started};
}

std::shared_ptr<Operation> Store::restore(Record record) {
    auto operation = std::make_shared<Operation>(*this, record.request, records_, record.number);
    std::shared_ptr<Operation> replaced;
    {
        const Lock lock(mutex);
        last_record_ = std::max(last_record_, record.number);
        operation->restore(std::move(record));
        replaced = insert(operation);
        if (replaced) {
            if (!replaced->snapshot().result)
                operation->inherit(replaced->take_held_claims()); // no one will end it
            operation->inherit(replaced->leave_store());
        }
    }
    if (replaced) {
        operation->save();
        replaced->save();
    }
    return operation;
}

void Store::inherit(std::string_view identity, unsigned claims) {
    const auto operation = find(identity);
    if (!operation)
        return;
    operation->inherit(claims);
    operation->save();
}

std::shared_ptr<Operation> Store::insert(std::shared_ptr<Operation> operation) {
    const bool in_progress = !operation->snapshot().result;
    std::shared_ptr<Operation> replaced;
    auto place = operations_.extract(operation);
    if (place.empty()) {
        operations_.insert(std::move(operation));
    } else {
        replaced = std::exchange(place.value(), std::move(operation));
        operations_.insert(std::move(place));
    }
    if (in_progress)
        ++in_progress_;
    if (replaced && !replaced->snapshot().result)
        --in_progress_;
    return replaced;
}

std::shared_ptr<Operation> Store::find(std::string_view identity) {
    const Lock lock(mutex);
    const auto found = operations_.find(identity);
    return found == operations_.end() ? nullptr : *found;
}

bool Store::finish(Operation& operation, const Result& result) {
    if (!operation.finish(result))
        return false;
    Operations dropped;
    {
        const Lock lock(mutex);
        --in_progress_;
        const auto now = std::chrono::steady_clock::now();
        if (now >= next_cleaning_ || operations_.size() - in_progress_ > retention_.results) {
            next_cleaning_ = now + cleaning_pause;
            try {
                dropped = drop_stale_results();
            } catch (const std::bad_alloc&) { // the next time; no result may be lost for that
            }
        }
    }
    for (const auto& stale : dropped)
        stale->save();
    return true;
}

void Store::fail(Operation& operation) {
    do
        operation.begin_step();
    while (!finish(operation, PollingFailed{}));
}

void Store::forget(Operation& operation) {
    const Lock lock(mutex);
    const auto found = operations_.find(operation.identity());
    if (found == operations_.end() || found->get() != &operation)
        return;
    {
        const Lock operation_lock(operation.mutex);
        if (!operation.unclaimed())
            return; // an answer to somebody else couldn't be sent meanwhile
        operation.stored_ = false;
    }
    operations_.erase(found);
}

void Store::take_back(const std::shared_ptr<Operation>& operation) noexcept {
    std::shared_ptr<Operation> current;
    try {
        const Lock lock(mutex);
        current = *operations_.insert(operation).first;
        const Lock operation_lock(current->mutex);
        current->stored_ = true;
        ++current->free_claims_;
    } catch (const std::bad_alloc&) { // then this result can't be kept
        current = operation;
    }
    current->save();
    operation->save();
}

Store::Operations Store::operations() {
    Operations result;
    Operations dropped;
    {
        const Lock lock(mutex);
        dropped = drop_stale_results();
        result.reserve(operations_.size());
        for (const auto& operation : operations_)
            result.push_back(operation);
    }
    for (const auto& stale : dropped)
        stale->save();
    return result;
}

std::size_t Store::in_progress() {
    const Lock lock(mutex);
    return in_progress_;
}

Store::Operations Store::drop_stale_results() {
    struct Stale {
        Operation::Clock::time_point finished_at;
        Set::iterator position;
    };

    Operations dropped;
    const auto drop = [&](Set::iterator position) REQUIRES(mutex) {
        dropped.push_back(*position);
        (*position)->leave_store();
        operations_.erase(position);
    };
    const auto expired = Operation::Clock::now() - retention_.age;
    std::vector<Stale> kept;
    for (auto position = operations_.begin(); position != operations_.end();) {
        Operation& operation = **position;
        std::optional<Operation::Clock::time_point> finished_at;
        {
            const Lock operation_lock(operation.mutex);
            if (operation.state_.result && operation.held_claims_.empty())
                finished_at = operation.finished_at_;
        }
        const auto current = position++;
        if (finished_at && *finished_at <= expired)
            drop(current);
        else if (finished_at)
            kept.push_back({*finished_at, current});
    }
    if (kept.size() <= retention_.results)
        return dropped;
    const auto surplus = static_cast<std::ptrdiff_t>(kept.size() - retention_.results);
    std::nth_element(kept.begin(), kept.begin() + surplus, kept.end(),
                     [](const Stale& a, const Stale& b) { return a.finished_at < b.finished_at; });
    for (auto stale = kept.begin(); stale != kept.begin() + surplus; ++stale)
        drop(stale->position);
    return dropped;
}

} // namespace lvmpolld
