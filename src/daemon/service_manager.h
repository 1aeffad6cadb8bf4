// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// A descriptor that the service manager handed over (sd_listen_fds(3)).
struct PassedDescriptor {
    FileDescriptor descriptor;
    std::string name; ///< of LISTEN_FDNAMES, else empty
};

/// Adopts the descriptors meant for this process (LISTEN_PID, LISTEN_FDS) and makes them close on exec. Call
/// before any thread and any fork.
std::vector<PassedDescriptor> take_passed_descriptors();

/// Whether there is one that wants to be told of us (NOTIFY_SOCKET).
bool has_service_manager();

/// Tells the service manager `state`, e.g. "READY=1" (sd_notify(3)), handing `descriptor` along unless it is
/// -1. Nothing without a service manager; never waits. False if it is too busy to take the message now.
bool notify_service_manager(const std::string& state, int descriptor = -1);

} // namespace lvmpolld
