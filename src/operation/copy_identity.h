// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace lvmpolld {

/// One segment's copy: by the UUID of its device (dm::Copy::uuid) and the segment's first sector. A
/// second conversion of one LV has the same.
struct CopyIdentity {
    std::string uuid;
    std::uint64_t segment_start;
    std::strong_ordering operator<=>(const CopyIdentity&) const = default;
};

} // namespace lvmpolld
