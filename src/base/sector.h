// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace lvmpolld {

/// Bytes of a sector, the unit of device-mapper's tables whatever the disk's own is.
inline constexpr std::uint64_t sector_bytes = 512;

} // namespace lvmpolld
