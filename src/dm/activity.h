// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/control.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::dm {

/// Something long that the kernel does for an LV, whoever began it. Sectors of 512 bytes.
struct Activity {
    enum class Type : std::uint8_t {
        mirror, ///< a pvmove, or a leg that is added
        merge,
        raid_synchronisation,
        raid_rebuild,
        raid_reshape,
        raid_scrub,
        cache_flush,
        writecache_flush,
    };

    Type type = Type::mirror;
    std::string lvid{};
    std::string vg{};
    std::string lv{};
    std::string uuid{}; ///< of the device

    /// If `counts_down`, `total` is what remains, and `copied` is 0.
    std::uint64_t copied = 0;
    std::uint64_t total = 0;
    bool counts_down = false;

    bool complete = false; ///< the kernel has nothing left to do
    /// RAID and caches: nothing goes on now, nor does the status say what did (`type` is a guess).
    bool idle = false;
    bool failed = false;  ///< it has given up, or a leg has failed
    bool layered = false; ///< mirror: a leg is the temporary layer that a conversion commits

    /// Devices right beneath the LV's.
    std::vector<dev_t> reads_from{};
    std::vector<dev_t> writes_to{};

    bool operator==(const Activity&) const = default;
};

/// What status and table of a device say, which were asked one after the other. Nothing if no
/// target of it does anything long, if it is not understood, or if the two don't belong together.
/// Pure.
std::optional<Activity> examine_activity(const Table& status, const Table& table);

/// Whether a table is worth asking for: some target of it may do something long. Pure.
bool may_be_active(const Table& status);

/// The devices that a target's parameters name. Pure.
std::vector<dev_t> devices_in(const std::string& parameters);

} // namespace lvmpolld::dm
