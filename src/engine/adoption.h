// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "engine/kernel_watch.h"
#include "engine/wakeup.h"
#include "operation/store.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace lvmpolld {

/// Finds copies that wait for a step and that nobody polls (after a crash without records, a boot
/// with --sysinit, a classical poller that was killed): a pvmove's mirror in sync, a finished
/// merge, unchanged for two intervals. Monitor thread.
class Adoption {
public:
    /// LVM's default polling interval: nobody's poller looks more rarely unless it was asked to.
    static constexpr std::chrono::seconds interval{15};
    static constexpr std::chrono::seconds patience = 2 * interval;

    /// `adopt` is handed a request for each copy that is to be taken up; `rested` is called when
    /// there is no copy any more that may have to be.
    Adoption(Clock& clock, KernelWatch& events, Store& polls, Store& aborts, Log& log,
             std::function<void(PollRequest)> adopt, std::function<void()> rested)
        : clock_(clock), events_(events), polls_(polls), aborts_(aborts), log_(log),
          adopt_(std::move(adopt)), rested_(std::move(rested)), wakeup_(clock) {}

    /// There are copies that may have to be adopted. Any thread.
    bool is_watching() const noexcept { return watching_; }

    /// Looks at once, at device-mapper's events, and once in an interval while something is copied
    /// that nobody polls: no event tells the end of a merge.
    asio::awaitable<void> run();

private:
    /// Two intervals; of what was adopted and polled in vain twice as much each time, up to this.
    static constexpr std::chrono::seconds longest_patience{3600};

    /// A copy that nobody polls.
    struct Found {
        std::uint64_t segment_start;
        bool over; ///< the kernel has nothing left to do for it
        Clock::TimePoint since;
        std::chrono::seconds patience;

        bool is_same(const Found& other) const noexcept {
            return segment_start == other.segment_start && over == other.over;
        }
    };

    using ByLvid = std::map<std::string, Found>;

    void look();
    void adopt(const dm::ActiveLv& lv);

    Clock& clock_;
    KernelWatch& events_;
    Store& polls_;
    Store& aborts_;
    Log& log_;
    const std::function<void(PollRequest)> adopt_;
    const std::function<void()> rested_;
    Wakeup wakeup_;
    std::atomic<bool> watching_ = true; ///< until the first look, too
    bool failed_ = false;               ///< the last look; said once
    ByLvid unpolled_;
    ByLvid adopted_; ///< as they were
};

} // namespace lvmpolld
