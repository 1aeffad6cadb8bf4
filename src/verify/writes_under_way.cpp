// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/writes_under_way.h"

#include "base/text_file.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <sstream>

namespace lvmpolld::verify {

WritesUnderWay::WritesUnderWay(const std::string& device) {
    struct stat status {};

    if (::stat(device.c_str(), &status) == 0 && S_ISBLK(status.st_mode))
        inflight_ = "/sys/dev/block/" + std::to_string(major(status.st_rdev)) + ':' +
                    std::to_string(minor(status.st_rdev)) + "/inflight";
}

bool WritesUnderWay::none() const {
    std::istringstream figures(read_text_file(inflight_.c_str()).value_or(""));
    unsigned long reads = 0;
    unsigned long writes = 1;
    return figures >> reads >> writes && writes == 0;
}

} // namespace lvmpolld::verify
