// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "dm/activities.h"
#include "engine/kernel_watch.h"
#include "operation/recent_results.h"
#include "operation/store.h"
#include "overview/tracker.h"
#include "trust/trust.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lvmpolld {

/// Finds out what goes on: the daemon's operations and all that the kernel does for LVM. It only
/// asks, and only when it is asked. Monitor thread.
class Survey {
public:
    struct Sources {
        Store& polls;
        Store& aborts;
        RecentResults& recent;
        KernelWatch& events;
        const Trust& trust;
        Log& log;
    };

    explicit Survey(Sources sources) : from_(sources) {}

    struct Answer {
        std::vector<overview::Entry> entries;
        std::uint64_t results = 0; ///< of which the entries have all: what to ask for next time
        std::chrono::nanoseconds took{};
    };

    /// All that is under way, and what has ended after the first `results` results. Throws
    /// std::bad_alloc.
    Answer take(std::uint64_t results);

    /// From now on `changed` is called at device-mapper's events; null: no more. Between the two,
    /// device-mapper stays open.
    void follow(std::function<void()> changed);

    /// An operation has begun or ended.
    void notice() {
        if (changed_)
            changed_();
    }

private:
    std::vector<dm::Sighting> look();
    void add_polled(Store& store, overview::Tracker::Polls& polls);
    void add_results(std::uint64_t after, overview::Tracker::Polls& polls, Answer& answer);

    const Sources from_;
    overview::Tracker tracker_;
    std::optional<dm::Activities> activities_;
    std::optional<KernelWatch::Subscription> subscription_;
    std::function<void()> changed_;                      ///< null: nobody follows
    bool failed_ = false;                                ///< the last look; said once
    std::vector<std::shared_ptr<Operation>> held_;       ///< what the round at hand refers to
    std::vector<std::shared_ptr<Operation>> unreadable_; ///< results that are not recorded yet
};

} // namespace lvmpolld
