// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "dm/disk_errors.h"
#include "dm/kernel_messages.h"
#include "dm/target.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Collects what speaks against the copies that the kernel makes: dm-mirror counts a region that it
/// failed to write as copied, and says so only in its log, without the device's name. Monitor
/// thread.
class CopyErrors {
public:
    /// Another `kernel_log` than /dev/kmsg is for tests.
    CopyErrors(Clock& clock, Log& log, std::string kernel_log = "/dev/kmsg")
        : clock_(clock), log_(log), kernel_log_(std::move(kernel_log)) {}

    virtual ~CopyErrors() = default;

    /// A state of the evidence.
    struct Evidence {
        std::uint64_t errors = 0; ///< failed copies in the kernel's log
        std::uint64_t losses = 0; ///< times that something in it was lost, or it can't be read
        std::optional<std::uint64_t> disk_errors; ///< of the legs' disks, where they count them
        bool operator==(const Evidence&) const = default;
    };

    /// The evidence now. A copy during which it changes is suspect.
    virtual Evidence gather(const std::vector<dm::Leg>& legs);

    /// The evidence to begin with for a copy that begins now: what was heard, or lost, in the last
    /// seconds counts against it, since the kernel limits the rate of its messages.
    Evidence baseline(const std::vector<dm::Leg>& legs);

private:
    void read_messages();

    Clock& clock_;
    Log& log_;
    const std::string kernel_log_;
    dm::DiskErrors disks_;
    std::optional<dm::KernelMessages> messages_;
    bool warned_ = false;

    /// What counts against the copies of that moment.
    struct Count {
        std::uint64_t number = 0;
        Clock::TimePoint last = Clock::TimePoint::min();
    };

    bool is_recent(const Count& count) const;
    void add_to(Count& count);

    Count errors_;
    Count losses_;
};

} // namespace lvmpolld
