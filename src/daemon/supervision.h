// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/store.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace lvmpolld {

/// What the service manager shows of the daemon: "3 operations, vg0/pvmove0 42 %".
std::string service_status(Store& polls, Store& aborts);

/// Tells the service manager (sd_notify(3)) what the daemon does, and that it lives.
///
/// While there are operations, the monitor's loop is asked for a sign of life in each period; its
/// answer, which the main loop sends on, keeps the manager's watchdog quiet. Whichever of the two
/// hangs, the manager notices. Without operations the watchdog is off, and nothing is done. The
/// watchdog's time is the manager's own, which doesn't run while the machine is suspended. Main
/// thread.
class Supervision {
public:
    /// Brings a function to the monitor's loop and back to the main one. Throws if there is no
    /// thread.
    using AskMonitor = std::function<void(std::function<void()> answer)>;

    /// `watchdog`: how long the manager is to wait for a sign of life, see watchdog_time(); 0: it
    /// doesn't wait.
    Supervision(asio::io_context& loop, AskMonitor ask, Store& polls, Store& aborts,
                std::chrono::microseconds watchdog, std::chrono::microseconds status_pause);

    /// The daemon is ready, or ready again after reloading(). The manager learns it in any case.
    void ready();

    /// The settings are being read again; ready() ends it.
    void reloading();

    /// Operations may have begun or ended.
    void update();

    /// The daemon stops, which may take so long.
    void stopping(std::chrono::microseconds longest);

private:
    bool is_busy();
    void send(std::string state);
    void tick();
    void show();
    std::string watchdog(std::chrono::microseconds time) const;

    asio::io_context& loop_;
    const AskMonitor ask_;
    Store& polls_;
    Store& aborts_;
    const std::chrono::microseconds watchdog_;
    const std::chrono::microseconds period_;
    asio::steady_timer timer_;
    bool busy_ = false;   ///< there are operations, as the manager knows
    bool asking_ = false; ///< the monitor has not answered yet
};

} // namespace lvmpolld
