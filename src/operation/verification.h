// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace lvmpolld {

/// What is known of the copy that an operation is to commit.
enum class Verification : std::uint8_t {
    none,      ///< nothing speaks against it
    suspect,   ///< something does; it waits to be compared
    comparing, ///< its legs are being compared
    equal,
    different, ///< or a leg cannot be read: it is not committed
};

} // namespace lvmpolld
