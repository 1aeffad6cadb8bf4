// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/boot_time.h"
#include "operation/operation.h"
#include "overview/entry.h"

#include <chrono>

namespace lvmpolld::overview {

/// One moment by the clocks that facts come from.
struct Moment {
    WallTime wall{};
    std::chrono::nanoseconds boot{};
    Operation::Clock::time_point steady{};

    static Moment now() {
        const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<WallTime>(since_epoch), boot_time(),
                Operation::Clock::now()};
    }

    WallTime wall_of(std::chrono::nanoseconds boot_then) const {
        return wall - std::chrono::duration_cast<WallTime>(boot - boot_then);
    }

    WallTime wall_of(Operation::Clock::time_point then) const {
        return wall - std::chrono::duration_cast<WallTime>(steady - then);
    }
};

} // namespace lvmpolld::overview
