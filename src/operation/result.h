// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"

#include <variant>

namespace lvmpolld {

/// lvpoll could not be followed to its end, so nobody knows how the operation ended.
struct PollingFailed {
    bool operator==(const PollingFailed&) const = default;
};

/// How an operation ended.
using Result = std::variant<Exited, Killed, PollingFailed>;

} // namespace lvmpolld
