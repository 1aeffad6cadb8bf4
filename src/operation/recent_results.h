// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/mutex.h"
#include "base/statistics.h"
#include "operation/result.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace lvmpolld {

class Operation;

/// The operations that have ended last, for those who only watch: a result that its client has read
/// stays readable here. Any thread.
class RecentResults {
public:
    /// Keeps `most`, and counts all in `statistics`.
    RecentResults(std::size_t most, std::shared_ptr<Statistics> statistics)
        : most_(most), statistics_(std::move(statistics)) {}

    /// This operation has ended now.
    void ended(std::shared_ptr<Operation> operation, const Result& result) noexcept
        EXCLUDES(mutex_);

    /// This one has ended under an earlier daemon. Without memory it is not kept.
    void add(std::shared_ptr<Operation> operation) noexcept EXCLUDES(mutex_);

    struct Some {
        std::vector<std::shared_ptr<Operation>> operations; ///< the oldest first
        std::uint64_t count = 0; ///< of all that were ever added; the `after` of the next question
    };

    /// Those that were added after the first `after`.
    Some added_after(std::uint64_t after) EXCLUDES(mutex_);

private:
    const std::size_t most_;
    const std::shared_ptr<Statistics> statistics_;
    Mutex mutex_;
    std::deque<std::shared_ptr<Operation>> operations_ GUARDED_BY(mutex_);
    std::uint64_t count_ GUARDED_BY(mutex_) = 0;
};

} // namespace lvmpolld
