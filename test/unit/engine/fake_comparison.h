// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "trust/copy_errors.h"
#include "verify/leg_comparison.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace lvmpolld {

/// What speaks against copies is what a test says.
class FakeCopyErrors final : public CopyErrors {
public:
    using CopyErrors::CopyErrors;
    Evidence now;
    bool each_time_another = false; ///< as when the kernel's log can't be read

    Evidence gather(const std::vector<dm::Leg>&) override {
        now.errors += each_time_another ? 1 : 0;
        return now;
    }
};

/// Comparisons of legs that last until a test says what they have found, or until they are
/// cancelled.
class FakeComparison {
public:
    verify::Outcome run(const dm::Copy& copy, const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ++started_;
        segment_start_ = copy.segment_start;
        if (!changed_.wait(lock, stop, [this] { return outcome_.has_value(); }))
            return verify::Cancelled{};
        return *std::exchange(outcome_, std::nullopt);
    }

    /// Ends the comparison that runs, or the next one.
    void finish(verify::Outcome outcome) {
        const std::lock_guard lock(mutex_);
        outcome_ = std::move(outcome);
        changed_.notify_all();
    }

    unsigned started() const {
        const std::lock_guard lock(mutex_);
        return started_;
    }

    std::uint64_t segment_start() const {
        const std::lock_guard lock(mutex_);
        return segment_start_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<verify::Outcome> outcome_;
    unsigned started_ = 0;
    std::uint64_t segment_start_ = 0;
};

} // namespace lvmpolld
