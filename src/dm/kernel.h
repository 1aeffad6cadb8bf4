// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/target.h"
#include "operation/poll_request.h"
#include "operation/progress.h"

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

/// The LV is active and the kernel copies nothing for it: only lvpoll knows whether anything is left to do.
struct NotCopying {
    std::string vg;
    std::string lv;
    bool operator==(const NotCopying&) const = default;
};

/// What is there isn't understood: lvpoll has to do the watching itself.
struct Unwatchable {
    std::string reason;
    bool operator==(const Unwatchable&) const = default;
};

/// A copy that the kernel makes or has finished, at one moment. Sectors of 512 bytes.
struct Copy {
    /// The names that the LV has now: it may have been renamed since the request.
    std::string vg;
    std::string lv;
    /// The device that copies: the LV's own or one beneath it.
    std::string dm_name;
    std::string uuid;
    std::uint32_t event_number = 0;

    /// The mirror target within the device; a pvmove has progressed when its start has changed.
    std::uint64_t segment_start = 0;
    std::uint64_t segment_length = 0;

    /// Mirror: of the whole device, with the segments that are done. Merge: `total` is what remains (see
    /// progress()).
    std::uint64_t copied = 0;
    std::uint64_t total = 0;

    /// Mirror: the segment is in sync. Merge: all is merged.
    bool complete = false;
    /// The merge has failed or the snapshot is invalid: no more progress will come.
    bool failed = false;
    /// A leg has a health letter other than A. The kernel resets it at in-sync.
    bool unhealthy = false;
    /// The mirror's legs, the first one the source; none for a merge.
    std::vector<Leg> legs;

    bool is_mirror() const noexcept { return !legs.empty(); }

    bool operator==(const Copy&) const = default;
};

using View = std::variant<Inactive, NotCopying, Unwatchable, Copy>;

/// An active LV under its own name.
struct ActiveLv {
    std::string lvid;
    std::string vg;
    std::string lv;
};

/// Overall progress in sectors. A merge knows only what remains, so its share is counted from `first`, the
/// copy as first seen.
inline Progress progress(const Copy& first, const Copy& now) {
    if (now.total > first.total)
        return {now.copied, now.total};
    return {first.total - now.total + now.copied, first.total};
}

/// What the polling asks the kernel. One thread at a time, a few microseconds for each question, never waits
/// for I/O. Failures (no permission, no memory) are std::system_error.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    /// Device-mapper is there, may be asked, and can raise events. If not (yet), nothing else may be called,
    /// and each question tries again: the module may be loaded later.
    virtual bool can_watch() = 0;

    /// Why can_watch() said no the last time; for the log.
    virtual std::string obstacle() const = 0;

    /// Borrowed; readable after arm() and then an event of any device. Stays the same once can_watch().
    virtual int event_descriptor() const = 0;

    /// Arm before the questions that an event is to prompt again.
    virtual void arm() = 0;

    /// What the kernel does for the LV of this LVID.
    virtual View look(std::string_view lvid, OperationType type) = 0;

    /// Event number of the device with this UUID (Copy::uuid), nothing if it has gone. Cheaper than a look;
    /// rises with an event of the device. A change of its table alone may leave it as it is.
    virtual std::optional<std::uint32_t> event_number(std::string_view uuid) = 0;

    /// LVID of the active LV that has this name now.
    virtual std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) = 0;

    /// All active LVs. Costs time in proportion to the number of devices.
    virtual std::vector<ActiveLv> active_lvs() = 0;
};

} // namespace lvmpolld::dm
