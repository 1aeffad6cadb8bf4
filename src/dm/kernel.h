// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/copy.h"
#include "operation/poll_request.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lvmpolld::dm {

/// No device has the LVID: the LV is inactive or gone.
struct Inactive {
    bool operator==(const Inactive&) const = default;
};

/// The LV is active and the kernel copies nothing for it: only lvpoll knows whether anything is
/// left to do.
struct NotCopying {
    std::string vg;
    std::string lv;
    /// All of it is the error target: lvm has left it behind because somebody held the device open.
    bool left_behind = false;
    bool operator==(const NotCopying&) const = default;
};

/// What is there isn't understood: lvpoll has to do the watching itself.
struct Unwatchable {
    std::string reason;
    bool operator==(const Unwatchable&) const = default;
};

using View = std::variant<Inactive, NotCopying, Unwatchable, Copy>;

/// An active LV under its own name.
struct ActiveLv {
    std::string lvid;
    std::string vg;
    std::string lv;
};

/// What the polling asks the kernel. One thread at a time, a few microseconds for each question,
/// never waits for I/O. Failures (no permission, no memory) are std::system_error.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    /// Device-mapper is there, may be asked, and can raise events. If not (yet), nothing else may
    /// be called, and each question tries again: the module may be loaded later.
    virtual bool can_watch() = 0;

    /// Why can_watch() said no the last time; for the log.
    virtual std::string obstacle() const = 0;

    /// Borrowed; readable after arm() and then an event of any device. Stays the same once
    /// can_watch().
    virtual int event_descriptor() const = 0;

    /// Arm before the questions that an event is to prompt again.
    virtual void arm() = 0;

    /// What the kernel does for the LV of this LVID.
    virtual View look(std::string_view lvid, OperationType type) = 0;

    /// Event number of the device with this UUID (Copy::uuid), nothing if it has gone. Cheaper than
    /// a look; rises with an event of the device. A change of its table alone may leave it as it
    /// is.
    virtual std::optional<std::uint32_t> event_number(std::string_view uuid) = 0;

    /// LVID of the active LV that has this name now.
    virtual std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) = 0;

    /// All active LVs. Costs time in proportion to the number of devices.
    virtual std::vector<ActiveLv> active_lvs() = 0;
};

} // namespace lvmpolld::dm
