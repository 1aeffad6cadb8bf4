// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/extent.h"

#include "base/error.h"
#include "base/text_file.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <string_view>

namespace lvmpolld::verify {

std::string device_path(dev_t device) {
    const std::string number = std::to_string(major(device)) + ':' + std::to_string(minor(device));
    constexpr std::string_view key = "\nDEVNAME=";
    const auto path_in_sysfs = "/sys/dev/block/" + number + "/uevent";
    const auto uevent = "\n" + read_text_file(path_in_sysfs.c_str()).value_or("");
    if (const auto found = uevent.find(key); found != uevent.npos) {
        const auto begin = found + key.size();
        auto path = "/dev/" + uevent.substr(begin, uevent.find('\n', begin) - begin);

        struct stat status {};

        if (::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode) &&
            status.st_rdev == device)
            return path;
    }
    throw_errno("block device " + number, ENODEV);
}

} // namespace lvmpolld::verify
