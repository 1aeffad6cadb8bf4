// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/slots.h"
#include "base/statistics.h"
#include "engine/kernel_watch.h"
#include "lvpoll/lock_holder.h"
#include "lvpoll/lvpoll.h"
#include "trust/trust.h"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace lvmpolld {

/// What watching takes; the operations share it.
struct Watching {
    KernelWatch& events;
    Trust trust;
    /// True where the VG's lock may be lvmlockd's, which an interrupted lvpoll would leave locked.
    std::function<bool()> has_shared_locks;
};

/// What the operations of the monitor loop work with.
struct Context {
    asio::any_io_executor executor;
    Clock& clock;
    LvPollLauncher& launcher;
    Log& log;
    /// Null: every operation is resident.
    Watching* watching = nullptr;
    /// Names, and what is left after an lvpoll, are asked under both engines; null: nobody knows.
    dm::Kernel* kernel = nullptr;
    /// Who holds the file lock that this process waits for.
    std::function<std::optional<LockHolder>(pid_t)> find_lock_holder = lock_holder_for;
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();
    Slots slots{}; ///< steps under way, by VG
};

} // namespace lvmpolld
