// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/block_reader.h"
#include "verify/settlement.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <variant>
#include <vector>

namespace lvmpolld::verify {

struct Equal {
    std::uint64_t sectors;
    bool operator==(const Equal&) const = default;
};

/// `sectors` differ, at least, from these places on.
struct Different {
    Extent source;
    Extent copy;
    std::uint64_t sectors;
    bool operator==(const Different&) const = default;
};

/// `error` is an errno value.
struct Unreadable {
    Extent at;
    int error;
    bool operator==(const Unreadable&) const = default;
};

/// `sectors` are rewritten so fast that nothing was found out about them in settlement_time of
/// pauses. They may be good: another comparison may settle them, when there are fewer writes.
struct Undecided {
    Extent source;
    Extent copy;
    std::uint64_t sectors;
    bool operator==(const Undecided&) const = default;
};

/// For want of memory, threads or descriptors (`error`, an errno value) nothing was found out.
struct NotCompared {
    int error;
    bool operator==(const NotCompared&) const = default;
};

struct Cancelled {
    bool operator==(const Cancelled&) const = default;
};

using Outcome = std::variant<Equal, Different, Unreadable, Undecided, NotCompared, Cancelled>;

/// How many bytes of each leg are compared so far, or read again. Any thread.
using Compared = std::atomic<std::uint64_t>;

/// Whether the legs of a mirror that is in sync have the same content. All are read from the disks,
/// in parallel, with a few MiB of memory.
///
/// The volume may be in use, and a write reaches one leg a little before the other. So what differs
/// is read again, until each of its sectors is found good or bad, or settlement_time is over. The
/// rule and why it holds are in sector_history.cpp.
class LegComparison {
public:
    /// The first leg is the source. `sectors` is the length of each. `is_quiet` tells of the
    /// mirror.
    LegComparison(
        const std::vector<Extent>& legs, std::uint64_t sectors, Pause pause = pause_for,
        IsQuiet is_quiet = [] { return true; });

    LegComparison(Legs legs, std::uint64_t sectors, Context context);

    /// Runs to the end, the first difference or failure, or the stop. A stop ends it within a
    /// second, even if a disk hangs; the reads that are under way then are left to threads which
    /// end with them. To be called once, on a thread that may wait. Throws std::system_error if
    /// threads are scarce.
    Outcome run(const std::stop_token& stop) {
        Compared nobody_asks{};
        return run(stop, nobody_asks);
    }

    Outcome run(const std::stop_token& stop, Compared& compared);

private:
    /// The blocks of a slice in which the legs differ.
    static std::vector<Block> compare(const std::vector<Bytes>& slices, std::uint64_t position);

    /// Reads again what differed. Nothing if the comparison is to go on: the legs turn out to
    /// agree, or undecided_ says where nothing was found out.
    std::optional<Outcome> settle_blocks(std::span<Block> blocks, const std::stop_token& stop);
    std::optional<Outcome> settle_batch(std::vector<Block> batch, const std::stop_token& stop);
    Extent place(std::size_t leg, std::uint64_t position) const;

    Legs legs_;
    std::uint64_t length_; ///< Bytes.
    Context context_;
    std::optional<Undecided> undecided_; ///< What was found so far, in all slices.
};

} // namespace lvmpolld::verify
