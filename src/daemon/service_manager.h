// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// A descriptor that the service manager handed over (sd_listen_fds(3)).
struct PassedDescriptor {
    FileDescriptor descriptor;
    std::string name; ///< of LISTEN_FDNAMES, else empty
};

/// Adopts the descriptors meant for this process (LISTEN_PID, LISTEN_FDS) and makes them close on
/// exec. Call before any thread and any fork.
std::vector<PassedDescriptor> take_passed_descriptors();

/// Whether there is a service manager that wants to be told about this process (NOTIFY_SOCKET).
bool has_service_manager();

/// How long the service manager waits for a sign of life: WATCHDOG_USEC, if it is meant for this
/// process (sd_watchdog_enabled(3)), for then the manager waits from the start on; else `wanted`.
std::chrono::microseconds watchdog_time(std::chrono::microseconds wanted);

/// One message to the service manager (sd_notify(3)), for example "READY=1". The manager reads such
/// messages from a datagram socket whose queue may be full. A message is then not lost: wait until
/// socket() is writable and send again. One thread.
class Notification {
public:
    /// `descriptor` is handed over with the message; -1: none. It is borrowed until the message is
    /// sent.
    explicit Notification(std::string state, int descriptor = -1);

    /// Sends the message unless the manager's queue is full. Never waits. Returns false if the
    /// message has to be sent again. Without a service manager there is nothing to do.
    bool send();

    /// After a send() that returned false: becomes writable when the manager's queue has room. -1
    /// if there was no descriptor for it.
    int socket() const noexcept { return socket_.get(); }

private:
    std::string state_;
    int descriptor_;
    FileDescriptor socket_; ///< connected to the manager, from the first send() on
};

} // namespace lvmpolld
