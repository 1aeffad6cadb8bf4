// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace lvmpolld::simulation {

using Duration = std::chrono::nanoseconds;

/// The one source of chance: SplitMix64. The same seed gives the same numbers everywhere.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

    /// From 0 to `count` - 1.
    std::uint64_t below(std::uint64_t count) { return next() % count; }

    /// From `first` to `last`.
    unsigned between(unsigned first, unsigned last) {
        return first + static_cast<unsigned>(below(last - first + 1));
    }

    double fraction() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }

    /// True with this probability.
    bool happens(double probability) { return fraction() < probability; }

    /// Between the two; each order of magnitude is as likely as another.
    Duration duration(Duration shortest, Duration longest) {
        const double low = std::log(static_cast<double>(shortest.count()));
        const double high = std::log(static_cast<double>(longest.count()));
        return Duration(static_cast<Duration::rep>(std::exp(low + (high - low) * fraction())));
    }

    template <typename T>
    T one_of(std::initializer_list<T> values) {
        return *(values.begin() + below(values.size()));
    }

    /// Another source, which depends on this one's seed and on `key` alone: what is drawn from the
    /// one does not change what is drawn from the other.
    Chance with(std::uint64_t key) const {
        Chance mixed(state_ ^ (key * 0xd1342543de82ef95U + 0x632be59bd9b4e019U));
        mixed.next();
        return Chance(mixed.next());
    }

private:
    std::uint64_t state_;
};

} // namespace lvmpolld::simulation
