// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "engine/kernel_watch.h"
#include "engine/step_slots.h"
#include "lvpoll/lvpoll.h"
#include "trust/copy_errors.h"
#include "trust/suspect_copies.h"
#include "trust/verification.h"
#include "trust/verify.h"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace lvmpolld {

class Poller;

/// What watching takes; the operations share it.
struct Watching {
    KernelWatch& events;
    CopyErrors& errors;
    CompareLegs compare;
    Verify verify = Verify::suspect;
    /// True where the VG's lock may be lvmlockd's, which an interrupted lvpoll would leave locked.
    std::function<bool()> has_shared_locks;
    SuspectCopies suspects{};

    /// Whether a copy of the LV that wasn't seen may be committed.
    bool trusts(std::string_view lvid) const {
        return verify == Verify::never || !suspects.contains_any_of(lvid);
    }
};

/// What the operations of the monitor loop work with.
struct Workshop {
    asio::any_io_executor executor;
    Clock& clock;
    LvPollLauncher& launcher;
    Log& log;
    /// Null: every operation is resident.
    Watching* watching = nullptr;
    /// Who has a name is asked under both engines; null: nobody knows.
    dm::Kernel* kernel = nullptr;
    StepSlots slots{};
    /// Comparisons under way, each under its operation's identity: they take threads and memory.
    StepSlots verifications{};
    /// Has a poller go on that has rested; the monitor sets it.
    std::function<void(Poller&)> resume{};
};

} // namespace lvmpolld
