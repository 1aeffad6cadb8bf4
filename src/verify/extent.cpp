// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/extent.h"

#include "base/error.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <string>

namespace lvmpolld::verify {

std::filesystem::path device_path(dev_t device) {
    const std::string number = std::to_string(major(device)) + ':' + std::to_string(minor(device));
    constexpr std::string_view key = "DEVNAME=";
    std::ifstream uevent("/sys/dev/block/" + number + "/uevent");
    for (std::string line; std::getline(uevent, line);) {
        if (!line.starts_with(key))
            continue;
        const std::filesystem::path path = "/dev/" + line.substr(key.size());

        struct stat status {};

        if (::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == device)
            return path;
    }
    throw_errno("block device " + number, ENODEV);
}

} // namespace lvmpolld::verify
