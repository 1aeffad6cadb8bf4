// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace lvmpolld::dm {

/// The kernel's counters of failed requests, from sysfs.
class DiskErrors {
public:
    /// Another `sysfs` than /sys is for tests.
    explicit DiskErrors(std::string sysfs = "/sys") : sysfs_(std::move(sysfs)) {}

    /// Errors and timeouts so far of all disks beneath the block device, through partitions and
    /// stacked devices. SCSI disks count them (`ioerr_cnt`, `iotmo_cnt`); nothing if no disk
    /// beneath does. Only a rise means anything.
    std::optional<std::uint64_t> count(dev_t device) const;

private:
    std::string sysfs_;
};

} // namespace lvmpolld::dm
