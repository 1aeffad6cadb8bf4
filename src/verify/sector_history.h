// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lvmpolld::verify {

/// Stands for what a sector holds: a digest. Two contents have the same with a chance of 1 in 2^64.
using Content = std::size_t;

enum class Judgement : std::uint8_t { open, agreed, different };

/// A leg that does not change for this long, over this many looks, has not been written
/// meanwhile...
inline constexpr std::chrono::seconds unchanged_time{10};
inline constexpr unsigned unchanged_looks = 12;
/// ...unless a write is under way all the while. No write stays under way for longer than this.
inline constexpr std::chrono::seconds longest_write{60};

/// What was seen of one sector since its legs differed, and what follows from it. Leg 0 is the
/// source. No I/O, no clock.
class SectorHistory {
public:
    explicit SectorHistory(std::size_t legs) : legs_(legs) {}

    /// A reading of the leg returned `content`. A look takes one or more readings of each leg.
    void add(std::size_t leg, Content content);

    /// Ends a look that began `pause` after the look before it. `quiet`: the mirror was seen
    /// without a write under way in between.
    void end_look(std::chrono::milliseconds pause, bool quiet);

    /// The answer as of the last look. One copy that differs outweighs others that agree.
    Judgement judgement() const;

    /// The first copy that does not agree with the source, a stuck one before others; 0 if all
    /// agree.
    std::size_t disputed_leg() const;

    /// A reading after the first look, also of the current one, returned something new. Needs a
    /// reading of each leg in the current look.
    bool has_changed() const;

private:
    struct Leg {
        std::vector<Content>
            now; ///< Readings of this look, in order; then sorted, without duplicates.
        std::vector<Content> before; ///< Those of the look before.
        std::vector<Content> ends;   ///< The last content of each look, where it had changed.
        Content first = 0;           ///< Of the first look.
        Content last = 0;            ///< Of the look before.
        std::chrono::milliseconds unchanged{0};
        unsigned looks_unchanged = 0;
        bool quiet_since = false; ///< A quiet moment was seen since the last change.
        bool agreed = false;      ///< With the source; for copies.

        bool is_stuck() const;
        bool was_seen_with(Content content) const;
    };

    void end_look(Leg& leg, std::chrono::milliseconds pause, bool quiet) const;
    bool agrees_now(const Leg& copy) const;

    std::vector<Leg> legs_;
    unsigned looks_ = 0;
};

} // namespace lvmpolld::verify
