// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/extent.h"
#include "verify/sector_history.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <variant>
#include <vector>

namespace lvmpolld::verify {

/// Waits; false at once if a stop is or gets requested.
using Pause = std::function<bool(std::chrono::milliseconds, const std::stop_token&)>;
bool pause_for(std::chrono::milliseconds duration, const std::stop_token& stop);

/// The mirror has no write under way at this moment. Where nobody can tell, 10 s without a change
/// on a leg count as enough: true.
using IsQuiet = std::function<bool()>;

/// What a leg's sectors were seen to hold: readings, and in each the contents of the sectors.
using Readings = std::vector<std::vector<Content>>;

/// At `position` bytes into leg number `leg` a read fails with the errno value `error`.
struct LegFailure {
    std::size_t leg;
    std::uint64_t position;
    int error;
};

/// For each leg its readings, a failure, or nothing if a stop is requested.
using BlockReadings = std::variant<std::monostate, std::vector<Readings>, LegFailure>;

/// Reads a block of all legs: once, or, if a duration is given, all legs at the same time, again
/// and again, for that long and until the slowest has been read.
using ReadBlock =
    std::function<BlockReadings(std::uint64_t position, std::size_t length,
                                std::chrono::milliseconds duration, const std::stop_token&)>;

/// A range in which at least one sector differed, and what is known of its sectors.
struct Block {
    std::uint64_t position;                            ///< Bytes into the legs.
    std::size_t length;                                ///< Bytes.
    std::vector<std::optional<SectorHistory>> sectors; ///< None: equal at the first reading.

    /// `first` is the reading that shows the difference.
    Block(std::uint64_t at, std::size_t bytes, const std::vector<std::vector<Content>>& first);
};

/// `sectors` are in dispute with the source: the first at `position` bytes into leg number `leg`.
struct Dispute {
    std::size_t leg = 0;
    std::uint64_t position = 0;
    std::uint64_t sectors = 0;
    bool operator==(const Dispute&) const = default;
};

struct Settled {};

struct Differs : Dispute {};

struct Unsettled : Dispute {};

struct Stopped {};

using SettlementResult = std::variant<Settled, Differs, Unsettled, LegFailure, Stopped>;

/// Sectors that have no answer after this time end a settlement as Unsettled.
inline constexpr std::chrono::minutes settlement_time{5};

/// What a settlement needs from outside.
struct Context {
    ReadBlock read;
    Pause pause;
    IsQuiet is_quiet;
    std::function<std::chrono::milliseconds()> now; ///< Of a clock that does not jump.
};

/// Reads blocks again, with pauses, until SectorHistory has an answer for each sector in them. The
/// first sector that is different ends it, whatever the others are.
SettlementResult settle(std::vector<Block> blocks, const Context& context,
                        const std::stop_token& stop);

} // namespace lvmpolld::verify
