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

/// What a mirror target adds to a copy.
struct Mirror {
    std::vector<Leg> legs; ///< the first one is the source
    std::string health;    ///< a letter for each leg; the kernel resets all to A at in-sync
    /// A leg is the temporary layer that LVM keeps beneath a conversion until it commits it.
    bool layered = false;
    /// The target notes in memory alone what is copied: without its device the copy begins anew.
    bool in_memory = false;

    bool operator==(const Mirror&) const = default;
};

/// What a snapshot-merge target adds to a copy.
struct Merge {
    dev_t cow = 0; ///< device of the snapshot that is merged
    bool operator==(const Merge&) const = default;
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

    /// The target within the device; a pvmove has progressed when its start has changed.
    std::uint64_t segment_start = 0;
    std::uint64_t segment_length = 0;

    /// Mirror: of the whole device, with the segments that are done. Merge: `total` is what remains
    /// (see progress()).
    std::uint64_t copied = 0;
    std::uint64_t total = 0;

    /// Mirror: the segment is in sync. Merge: all is merged.
    bool complete = false;
    /// The merge has failed or the snapshot is invalid: no more progress will come.
    bool failed = false;

    std::variant<Mirror, Merge> target{};

    bool operator==(const Copy&) const = default;
};

/// What makes a copy another one although the LVID is the same.
struct CopyKey {
    std::uint64_t segment_start = 0;
    std::vector<Leg> legs;
    dev_t cow = 0;
    bool operator==(const CopyKey&) const = default;
};

CopyKey key(const Copy& copy);

/// The legs that can be compared; none for a merge.
const std::vector<Leg>& legs(const Copy& copy) noexcept;

/// A leg has a health letter other than A.
bool is_unhealthy(const Copy& copy) noexcept;

/// Nothing of the copy is left once its device is gone.
bool ends_with_device(const Copy& copy) noexcept;

/// The first leg with such a letter.
std::optional<Leg> failed_leg(const Copy& copy) noexcept;

/// Overall progress in sectors. A merge knows only what remains, so its share is counted from
/// `first_total`, which it showed at the first look.
Progress progress(std::uint64_t first_total, const Copy& now) noexcept;

/// What the engine has to know of a kind of operation. A new kind is one line of the table in
/// copy.cpp, beside the target that dm/ learns to read.
struct Kind {
    bool visible;      ///< the kernel shows how far it is
    bool comparable;   ///< it has legs, and a bad one must not be committed
    bool event_at_end; ///< device-mapper raises an event when the copy is complete
    bool own_lvid; ///< no other operation ever has this LVID: whatever is copied under it is this
                   ///< one
    bool stays_complete; ///< a finished copy stays in place: only its temporary layer goes
    const char* way_out; ///< of a copy that must not be committed
    const char* noun;    ///< what the kernel shows
};

const Kind& kind_of(OperationType type) noexcept;

/// Whether `now` contradicts an lvpoll that says that the operation is over. `before`: the copy as
/// it was when that lvpoll started; none if none was seen.
bool is_unfinished(OperationType type, const std::optional<CopyKey>& before, const Copy& now);

} // namespace lvmpolld::dm
