// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/recent_results.h"

#include "operation/operation.h"

#include <algorithm>
#include <utility>

namespace lvmpolld {

void RecentResults::add(std::shared_ptr<Operation> operation) {
    std::shared_ptr<Operation> dropped; // its end is not under the lock
    const Lock lock(mutex_);
    operations_.push_back(std::move(operation));
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
