// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/control.h"
#include "dm/kernel.h"

#include <optional>

namespace lvmpolld::dm {

/// What a device's status and table say of a mirror being copied. Both were asked one after the
/// other: nothing if they don't belong together because the table was swapped in between. Pure.
std::optional<View> examine_mirror(const Table& status, const Table& table);

/// The same of a snapshot being merged into the device.
std::optional<View> examine_merge(const Table& status, const Table& table);

} // namespace lvmpolld::dm
