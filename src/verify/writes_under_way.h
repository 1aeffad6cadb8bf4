// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace lvmpolld::verify {

/// Whether such a text of sysfs, "READS WRITES", counts no write under way. Pure.
bool tells_no_writes(std::string_view inflight);

/// Whether a block device has a write under way that it has not completed.
class WritesUnderWay {
public:
    /// `device` is a path. Does not fail.
    explicit WritesUnderWay(const std::string& device);

    /// False if that cannot be told. From /sys/dev/block/MAJOR:MINOR/inflight, whose second figure
    /// counts writes; device-mapper counts from the submission until the target completes the
    /// write.
    bool none() const;

private:
    std::string inflight_; ///< Path of that file.
};

} // namespace lvmpolld::verify
