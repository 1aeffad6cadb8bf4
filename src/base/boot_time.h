// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <time.h>

#include <chrono>

namespace lvmpolld {

/// Time since the boot, that of a suspension included (CLOCK_BOOTTIME): another process can go on
/// with it.
inline std::chrono::nanoseconds boot_time() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

} // namespace lvmpolld
