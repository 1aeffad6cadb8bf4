// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <string>

namespace lvmpolld::dm {

/// A block device as people know it: "/dev/sdb", "/dev/mapper/disk2 (dm-1)"; its numbers if sysfs
/// does not have it. Another `sysfs` than /sys is for tests.
std::string device_name(dev_t device, const std::string& sysfs = "/sys");

/// The same for a path below /dev as the kernel names it: "/dev/dm-1".
std::string device_name(const std::string& path, const std::string& sysfs = "/sys");

/// Its path for programs: "/dev/sdb", "/dev/mapper/disk2"; its numbers if sysfs does not have it.
std::string device_path(dev_t device, const std::string& sysfs = "/sys");

/// The disk beneath LVM's own layers: the leg of a mirror is an LV of its own, except in a pvmove.
std::string disk_name(dev_t device, const std::string& sysfs = "/sys");

} // namespace lvmpolld::dm
