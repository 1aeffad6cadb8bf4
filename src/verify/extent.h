// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/sector.h"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace lvmpolld::verify {

/// Where a leg begins: `sector` of `device`, which may be a regular file in tests.
struct Extent {
    std::string device;
    std::uint64_t sector;
    bool operator==(const Extent&) const = default;
};

/// Path of a block device, as sysfs names it: /dev/block/MAJOR:MINOR exists only where udev runs.
/// Throws std::system_error if there is no such device.
std::string device_path(dev_t device);

} // namespace lvmpolld::verify
