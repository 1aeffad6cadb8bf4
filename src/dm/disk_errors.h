// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::dm {

/// The kernel's counters of failed requests, from sysfs. To find out which disks lie beneath a
/// device takes ten times as many system calls as to read their counters, so what was found is used
/// for a moment. Monitor thread.
class DiskErrors {
public:
    /// How soon a change of what lies beneath a device is noticed. It is rare, and what a mirror
    /// fails to copy is in the kernel's log besides.
    static constexpr std::chrono::seconds longest_use{10};

    /// Another `sysfs` than /sys is for tests.
    explicit DiskErrors(std::string sysfs = "/sys") : sysfs_(std::move(sysfs)) {}

    /// Errors and timeouts so far of all disks beneath the block device, through partitions and
    /// stacked devices. SCSI disks count them (`ioerr_cnt`, `iotmo_cnt`); nothing if no disk
    /// beneath does. Only a rise means anything.
    std::optional<std::uint64_t> count(dev_t device, Clock::TimePoint now);

private:
    struct Counters {
        Clock::TimePoint found;
        std::vector<std::string> files;
    };

    std::string sysfs_;
    std::map<dev_t, Counters> counters_; ///< that were found a moment ago, by device
};

} // namespace lvmpolld::dm
