// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace lvmpolld {

/// One segment's copy: by the UUID of its device (dm::Copy::uuid) and the segment's first sector. A
/// second conversion of one LV has the same.
struct CopyIdentity {
    std::string uuid;
    std::uint64_t segment_start;
    std::strong_ordering operator<=>(const CopyIdentity&) const = default;
};

/// How long a copy that is not committed lasts.
enum class Lasts {
    with_lv,     ///< it may go on after the LV was inactive; also what nobody knows better
    with_device, ///< only the kernel knows what is copied: without the device, nothing is
};

/// Copies that must not be committed before their legs were found equal.
using SuspectList = std::map<CopyIdentity, Lasts>;

} // namespace lvmpolld
