// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <chrono>

namespace lvmpolld::ctl {

/// What ends a wait: a descriptor, a signal, or the clock. From its construction on SIGINT, SIGTERM
/// and SIGHUP do not end the process any more. One thread.
class Events {
public:
    using Time = std::chrono::steady_clock::time_point;

    enum class Woken { input, interrupted, resized, timeout };

    /// Throws std::system_error.
    Events();
    ~Events();
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// Until `descriptor` (-1: none) can be read, at most until `until`. Once interrupted, it says
    /// so at once. Throws std::system_error.
    Woken wait(int descriptor, Time until);

    bool interrupted() const noexcept { return interrupted_; }

private:
    FileDescriptor signals_;
    bool interrupted_ = false;
};

} // namespace lvmpolld::ctl
