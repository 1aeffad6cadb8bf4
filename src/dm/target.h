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

/// `7:0`
std::optional<dev_t> parse_device(std::string_view text);

std::optional<MirrorStatus> parse_mirror_status(std::string_view parameters);

/// The legs from `core 1 4096 2 7:0 2048 7:1 2048 1 handle_errors`.
std::optional<std::vector<Leg>> parse_mirror_legs(std::string_view parameters);

std::optional<MergeStatus> parse_merge_status(std::string_view parameters);

/// The snapshot's device in the table's `254:3 254:4 P 8`.
std::optional<dev_t> parse_merge_cow(std::string_view parameters);

} // namespace lvmpolld::dm
