// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/recent_results.h"

#include "operation/operation.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

namespace lvmpolld {

void RecentResults::ended(std::shared_ptr<Operation> operation, const Result& result) noexcept {
    const auto& request = operation->request();
    auto& counts =
        statistics_
            ->ended[request.abort ? Statistics::abort : static_cast<std::size_t>(request.type)];
    if (const auto* exited = std::get_if<Exited>(&result))
        (exited->code == 0 ? counts.completed : counts.failed).add();
    else
        (std::holds_alternative<Killed>(result) ? counts.killed : counts.unknown).add();
    add(std::move(operation));
}

void RecentResults::add(std::shared_ptr<Operation> operation) noexcept {
    std::shared_ptr<Operation> dropped; // its end is not under the lock
    const Lock lock(mutex_);
    try {
        operations_.push_back(std::move(operation));
    } catch (const std::bad_alloc&) {
        return;
    }
    ++count_;
    if (operations_.size() > most_) {
        dropped = std::move(operations_.front());
        operations_.pop_front();
    }
}

RecentResults::Some RecentResults::added_after(std::uint64_t after) {
    const Lock lock(mutex_);
    const auto wanted = static_cast<std::size_t>(
        std::min<std::uint64_t>(count_ - std::min(after, count_), operations_.size()));
    return {{operations_.end() - static_cast<std::ptrdiff_t>(wanted), operations_.end()}, count_};
}

} // namespace lvmpolld
