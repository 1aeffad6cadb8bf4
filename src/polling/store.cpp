// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/store.h"

#include "base/limits.h"
#include "polling/operation.h"

#include <algorithm>

namespace lvmpolld {

Store::Outcome Store::accept(wire::PollRequest request) {
    const auto identity = request.identity();
    const Lock lock(mutex);
    if (const auto found = operations_.find(identity); found != operations_.end()) {
        const auto& current = found->second;
        const Lock operation_lock(current->mutex);
        if (!current->state_.result) {
            if (current->request().type != request.type)
                return DifferentOperation{};
            current->joined_ = true;
            ++current->state_.init_requests;
            ++current->held_claims_;
            return Accepted{current, false};
        }
    } else if (operations_.size() >= limits::operations) {
        return TooMany{};
    }
    auto operation = std::make_shared<Operation>(*this, std::move(request));
    operations_.insert_or_assign(identity, operation);
    ++in_progress_;
    const Lock operation_lock(operation->mutex);
    operation->state_.init_requests = 1;
    operation->held_claims_ = 1;
    return Accepted{std::move(operation), true};
}

std::shared_ptr<Operation> Store::find(std::string_view identity) {
    const Lock lock(mutex);
    const auto found = operations_.find(identity);
    return found == operations_.end() ? nullptr : found->second;
}

bool Store::finish(Operation& operation, const Result& result) {
    const Lock lock(mutex);
    drop_stale_results();
    const Lock operation_lock(operation.mutex);
    if (operation.joined_)
        return false;
    operation.state_.result = result;
    operation.state_.phase = Phase::finished;
    operation.finished_at_ = Operation::Clock::now();
    --in_progress_;
    return true;
}

void Store::forget(const Operation& operation) {
    const Lock lock(mutex);
    const auto found = operations_.find(operation.identity());
    if (found != operations_.end() && found->second.get() == &operation)
        operations_.erase(found);
}

std::vector<std::shared_ptr<Operation>> Store::operations() {
    const Lock lock(mutex);
    drop_stale_results();
    std::vector<std::shared_ptr<Operation>> result;
    result.reserve(operations_.size());
    for (const auto& [identity, operation] : operations_)
        result.push_back(operation);
    return result;
}

std::size_t Store::in_progress() {
    const Lock lock(mutex);
    return in_progress_;
}

void Store::drop_stale_results() {
    struct Stale {
        Operation::Clock::time_point finished_at;
        Map::iterator position;
    };

    const auto expired = Operation::Clock::now() - retention_.age;
    std::vector<Stale> kept;
    for (auto position = operations_.begin(); position != operations_.end();) {
        Operation& operation = *position->second;
        bool drop = false;
        {
            const Lock operation_lock(operation.mutex);
            if (operation.state_.result && operation.held_claims_ == 0) {
                drop = operation.finished_at_ <= expired;
                if (!drop)
                    kept.push_back({operation.finished_at_, position});
            }
        }
        position = drop ? operations_.erase(position) : std::next(position);
    }
    if (kept.size() <= retention_.results)
        return;
    const auto surplus = static_cast<std::ptrdiff_t>(kept.size() - retention_.results);
    std::nth_element(kept.begin(), kept.begin() + surplus, kept.end(),
                     [](const Stale& a, const Stale& b) { return a.finished_at < b.finished_at; });
    for (auto stale = kept.begin(); stale != kept.begin() + surplus; ++stale)
        operations_.erase(stale->position);
}

} // namespace lvmpolld
