// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/store.h"

#include "base/limits.h"
#include "polling/operation.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace lvmpolld {

bool Store::ByIdentity::operator()(const Entry& a, const Entry& b) const {
    return a->identity() < b->identity();
}

bool Store::ByIdentity::operator()(const Entry& a, std::string_view b) const {
    return a->identity() < b;
}

bool Store::ByIdentity::operator()(std::string_view a, const Entry& b) const {
    return a < b->identity();
}

Store::Outcome Store::accept(wire::PollRequest request, SessionNumber session) {
    std::shared_ptr<Operation> operation;
    std::shared_ptr<Operation> replaced;
    bool started = false;
    unsigned inherited = 0; // who has lost a connection asks by the identity, and is told of the later run
    {
        const Lock lock(mutex);
        const auto found = operations_.find(request.identity.text());
        if (found == operations_.end() && operations_.size() >= limits::operations)
            return TooMany{};
        if (found != operations_.end())
            operation = *found;
        started = !operation || operation->snapshot().result;
        if (started)
            operation = std::make_shared<Operation>(*this, std::move(request), records_, ++last_record_);
        else if (operation->request().type != request.type)
            return DifferentOperation{};
        {
            const Lock operation_lock(operation->mutex);
            operation->hold_claim(session); // first, since it may fail
            operation->joined_ = !started;
            ++operation->state_.init_requests;
        }
        if (started) {
            replaced = insert(operation);
            inherited = replaced ? replaced->give_up_free_claims() : 0;
        }
        const Lock operation_lock(operation->mutex);
        operation->free_claims_ += inherited;
    }
    operation->save();
    if (replaced)
        replaced->leave_store();
    return Accepted{std::move(operation), started};
}

std::shared_ptr<Operation> Store::restore(Record record) {
    auto operation = std::make_shared<Operation>(*this, std::move(record.request), records_, record.number);
    std::shared_ptr<Operation> replaced;
    {
        const Lock lock(mutex);
        last_record_ = std::max(last_record_, record.number);
        {
            const Lock operation_lock(operation->mutex);
            operation->held_claims_ = std::move(record.held_claims);
            operation->free_claims_ = record.free_claims;
            operation->state_.result = record.result;
            operation->finished_at_ = record.finished_at;
            if (record.result)
                operation->state_.phase = Phase::finished;
        }
        replaced = insert(operation);
    }
    if (replaced)
        replaced->leave_store();
    return operation;
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
    if (!operation.save_before_finish(result))
        return false;
    Operations dropped;
    bool finished = false;
    {
        const Lock lock(mutex);
        try {
            dropped = drop_stale_results();
        } catch (const std::bad_alloc&) { // the next time; no result may be lost for that
        }
        const Lock operation_lock(operation.mutex);
        finished = !operation.joined_;
        if (finished) {
            operation.state_.result = result;
            operation.state_.phase = Phase::finished;
            operation.finished_at_ = Operation::Clock::now();
            --in_progress_;
        }
    }
    for (const auto& stale : dropped)
        stale->leave_store();
    if (!finished)
        operation.save(); // without the result
    return finished;
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
    const Lock operation_lock(operation.mutex);
    operation.stored_ = false;
    operations_.erase(found);
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
        stale->leave_store();
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
