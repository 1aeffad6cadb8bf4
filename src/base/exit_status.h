// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <variant>

namespace lvmpolld {

/// The process ended by itself with this code.
struct Exited {
    int code;
    bool operator==(const Exited&) const = default;
};

/// The process was ended by this signal.
struct Killed {
    int signal;
    bool operator==(const Killed&) const = default;
};

/// How a process ended; the two are never mixed, from waitid(2) to the wire.
using ExitStatus = std::variant<Exited, Killed>;

} // namespace lvmpolld
