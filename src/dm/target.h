// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Parsers of what the kernel's targets say of themselves (Documentation/admin-guide/device-mapper,
/// drivers/md/dm-raid1.c and dm-snap.c). Pure; what they don't recognise is nothing, never an
/// error.
namespace lvmpolld::dm {

/// One side of a mirror: `offset` sectors into `device`.
struct Leg {
    dev_t device;
    std::uint64_t offset;
    bool operator==(const Leg&) const = default;
};

/// `2 7:0 7:1 1/16 1 AA 1 core`
struct MirrorStatus {
    std::vector<dev_t> legs;
    /// Regions copied, of all.
    std::uint64_t in_sync;
    std::uint64_t regions;
    /// A letter for each leg: A alive, D failed write, S failed synchronisation, R failed read, F
    /// failed flush, U unknown.
    std::string health;

    bool complete() const { return in_sync == regions; }

    bool healthy() const { return health.find_first_not_of('A') == std::string::npos; }

    bool operator==(const MirrorStatus&) const = default;
};

/// `384/65536 16` (sectors), or a word.
struct MergeStatus {
    enum class State { merging, invalid, merge_failed, overflow };
    State state = State::merging;
    std::uint64_t allocated = 0;
    std::uint64_t total = 0;
    std::uint64_t metadata = 0;

    bool complete() const { return state == State::merging && allocated == metadata; }

    bool operator==(const MergeStatus&) const = default;
};

/// `raid1 2 Aa 32768/65536 recover 0 0 -`
/// (Documentation/admin-guide/device-mapper/dm-raid.rst)
struct RaidStatus {
    std::string health; ///< a letter for each leg: A in sync, a alive but not in sync, D failed
    std::uint64_t in_sync = 0;
    std::uint64_t total = 0;
    std::string action; ///< idle, frozen, resync, recover, check, repair, reshape
    bool operator==(const RaidStatus&) const = default;
};

/// `8 27/2048 128 100/800 1 2 3 4 5 6 40 1 writethrough 2 migration_threshold 2048 cleaner 0 rw -`
/// (Documentation/admin-guide/device-mapper/cache.rst)
struct CacheStatus {
    std::uint64_t dirty_sectors = 0;
    std::string policy;
    bool operator==(const CacheStatus&) const = default;
};

/// `0 1024 900 0`: error indicator, blocks, free ones, those being written back
/// (Documentation/admin-guide/device-mapper/writecache.rst)
struct WritecacheStatus {
    bool failed = false;
    std::uint64_t used_blocks = 0;
    /// All of them are being written back. Otherwise the target stops at half of its blocks.
    bool flushing = false;
    bool operator==(const WritecacheStatus&) const = default;
};

/// `s 254:3 254:2 4096 1 cleaner`
struct WritecacheTable {
    dev_t origin = 0;
    dev_t cache = 0;
    std::uint64_t block_sectors = 0;
    bool cleaner = false; ///< it was loaded to write all back; LVM sends a message instead
    bool operator==(const WritecacheTable&) const = default;
};

/// `7:0`
std::optional<dev_t> parse_device(std::string_view text);

std::optional<MirrorStatus> parse_mirror_status(std::string_view parameters);

/// The legs from `core 1 4096 2 7:0 2048 7:1 2048 1 handle_errors`.
std::optional<std::vector<Leg>> parse_mirror_legs(std::string_view parameters);

/// The log of these parameters is in memory: the whole mirror is copied when it is loaded.
bool has_log_in_memory(std::string_view parameters);

std::optional<MergeStatus> parse_merge_status(std::string_view parameters);

/// The snapshot's device in the table's `254:3 254:4 P 8`.
std::optional<dev_t> parse_merge_cow(std::string_view parameters);

std::optional<RaidStatus> parse_raid_status(std::string_view parameters);

/// The data devices from `raid1 3 0 region_size 1024 2 254:2 254:3 - -`, nothing for a missing leg.
std::vector<std::optional<dev_t>> parse_raid_legs(std::string_view parameters);

std::optional<CacheStatus> parse_cache_status(std::string_view parameters);
std::optional<WritecacheStatus> parse_writecache_status(std::string_view parameters);
std::optional<WritecacheTable> parse_writecache_table(std::string_view parameters);

} // namespace lvmpolld::dm
