// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/activities.h"
#include "overview/polled.h"
#include "overview/rate.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::overview {

/// Makes entries of what the daemon's operations and the kernel's devices say at one moment, and
/// remembers what only several moments show: rates, the size of a merge at its begin, and work that
/// nobody polls and that has ended. One thread. Does no I/O.
class Tracker {
public:
    using Polls = std::vector<Polled>;
    using Sightings = std::vector<dm::Sighting>;

    /// All that is under way at `now`, and of the rest what has ended since the last time.
    /// Operations that have ended are in `polls` with their result, once or more often.
    std::vector<Entry> take(const Polls& polls, const Sightings& sightings, const Moment& now);

private:
    /// What is remembered of something that is under way.
    struct Track {
        Rate rate{};
        std::uint64_t first_total = 0; ///< bytes, of what counts down
        Entry last{};                  ///< as it was shown
        bool seen = false;             ///< in the round that goes on
    };

    using Lvids = std::set<std::string_view>;
    using Tracks = std::map<std::string, Track, std::less<>>;

    Entry of_polled(const Polled& polled, const dm::Sighting* sighting, const Moment& now);
    std::optional<Entry> of_unpolled(const dm::Sighting& sighting, const Moment& now);
    /// `taken_up`: what operations have, or had since the last round.
    void add_vanished(std::vector<Entry>& entries, const Lvids& taken_up, const Moment& now);
    std::string unpolled_identifier(const std::string& uuid);

    Tracks tracks_; ///< by identifier
    std::map<std::string, std::string, std::less<>>
        unpolled_; ///< identifiers of what is not polled, by the device's UUID
    std::uint64_t last_unpolled_ = 0;
    std::chrono::nanoseconds last_round_{}; ///< boot_time()
};

} // namespace lvmpolld::overview
