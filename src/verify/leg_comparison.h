// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/leg_reader.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
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

struct Cancelled {
    bool operator==(const Cancelled&) const = default;
};

using Outcome = std::variant<Equal, Different, Unreadable, Cancelled>;

/// Waits; false at once if a stop is or gets requested.
using Pause = std::function<bool(std::chrono::milliseconds, const std::stop_token&)>;
bool pause_for(std::chrono::milliseconds duration, const std::stop_token& stop);

/// Whether the legs of a mirror that is in sync have the same content. All are read from the disks, in
/// parallel, with a few MiB of memory.
///
/// The volume may be in use: a write reaches one leg a little before the other. What differs is therefore
/// read again a number of times with growing pauses. Legs agree on a block once they are equal, or when one
/// of them has changed to what the other one was seen to have: so a block under constant writes is not taken
/// for a bad one, while a leg that no write reaches is.
class LegComparison {
public:
    /// The first leg is the source. `sectors` is the length of each.
    LegComparison(const std::vector<Extent>& legs, std::uint64_t sectors, Pause pause = pause_for);

    /// Runs to the end, the first difference or failure, or the stop, for which it waits no longer than for
    /// one read under way. To be called once, on a thread that may wait. Throws std::system_error if threads
    /// are scarce.
    Outcome run(const std::stop_token& stop);

private:
    struct Doubt;

    /// The blocks of a slice in which the legs differ.
    static std::vector<Doubt> compare(const std::vector<Bytes>& slices, std::uint64_t position);

    /// Reads again what differed; nothing if the legs turn out to agree.
    std::optional<Outcome> settle(std::vector<Doubt> doubts, const std::stop_token& stop);
    std::optional<Unreadable> read_again(Doubt& doubt);
    Different difference(const std::vector<Doubt>& doubts) const;
    Extent place(std::size_t leg, std::uint64_t position) const;

    std::vector<LegReader> legs_;
    std::vector<Buffer> blocks_; ///< One for each leg, of what is read again.
    std::uint64_t length_;       ///< Bytes.
    Pause pause_;
};

} // namespace lvmpolld::verify
