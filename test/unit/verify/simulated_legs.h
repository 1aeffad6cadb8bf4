// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/settlement.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace lvmpolld::verify {

/// Microseconds since the comparison began.
using Time = std::int64_t;
inline constexpr Time millisecond = 1000;
inline constexpr Time second = 1000 * millisecond;

/// What a sector of a leg holds at a time.
using SectorOfLeg = std::function<Content(std::size_t leg, Time)>;

/// The legs of a mirror, one block of them, under virtual time: reading and pauses let it pass.
class SimulatedLegs {
public:
    std::vector<SectorOfLeg> sectors;
    /// How long a reading of each leg takes; 3/4 to 5/4 of it, at random, the same in each run.
    std::vector<Time> read_time{100, 100};
    std::function<bool(Time)> is_quiet = [](Time) { return false; };
    Time now = 0;
    std::size_t pauses = 0;
    std::size_t readings = 0;

    /// Settles the block from what the legs hold at the time 0.
    SettlementResult settle(const std::stop_token& stop = {}) {
        std::vector<std::vector<Content>> first;
        for (std::size_t leg = 0; leg < read_time.size(); ++leg)
            first.push_back(contents(leg, 0));
        Context context;
        context.read = [this](std::uint64_t, std::size_t, std::chrono::milliseconds duration,
                              const std::stop_token&) {
            return read(duration.count() * millisecond);
        };
        context.pause = [this](std::chrono::milliseconds duration, const std::stop_token& stopped) {
            now += duration.count() * millisecond;
            ++pauses;
            return !stopped.stop_requested();
        };
        context.is_quiet = [this] { return is_quiet(now); };
        context.now = [this] { return std::chrono::milliseconds(now / millisecond); };
        return verify::settle({Block(first_byte, sectors.size() * sector_bytes, first)}, context,
                              stop);
    }

    static constexpr std::uint64_t first_byte = 8 * sector_bytes;

private:
    std::vector<Content> contents(std::size_t leg, Time time) const {
        std::vector<Content> all;
        for (const SectorOfLeg& sector : sectors)
            all.push_back(sector(leg, time));
        return all;
    }

    Time time_to_read(std::size_t leg) {
        return std::uniform_int_distribution<Time>(read_time[leg] * 3 / 4,
                                                   read_time[leg] * 5 / 4)(random_);
    }

    /// As BlockReader does: the legs at the same time, until `duration` is over and the slowest has
    /// been read.
    std::vector<Readings> read(Time duration) {
        const Time end = now + duration;
        std::vector<Readings> legs(read_time.size());
        std::vector<Time> at(legs.size(), now);
        const auto lags = [](const Readings& leg) { return leg.empty(); };
        const auto go_on = [&](std::size_t leg) {
            return legs[leg].empty() ||
                   (duration > 0 && (at[leg] < end || std::ranges::any_of(legs, lags)));
        };
        for (auto leg = first(at); go_on(leg); leg = first(at)) {
            at[leg] += time_to_read(leg);
            legs[leg].push_back(contents(leg, at[leg]));
            ++readings;
            if (duration == 0)
                at[leg] += 3600 * second; // no further reading
        }
        now = std::ranges::max(at) - (duration == 0 ? 3600 * second : 0);
        return legs;
    }

    static std::size_t first(const std::vector<Time>& at) {
        return static_cast<std::size_t>(std::ranges::min_element(at) - at.begin());
    }

    std::minstd_rand random_{1};
};

} // namespace lvmpolld::verify
