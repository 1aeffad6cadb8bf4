// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

namespace lvmpolld {

/// Far beyond what any of the tests takes; only a failing one waits for it.
inline constexpr std::chrono::seconds deadline{20};

} // namespace lvmpolld
