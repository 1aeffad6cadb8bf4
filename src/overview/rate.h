// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace lvmpolld::overview {

/// How fast something gets on, from samples of how far it is. The rate is the mean over the last
/// `window`, or over the last three samples if those are farther apart. Until there are three
/// samples, or two that are so far apart, there is none: nothing is guessed. Pure.
class Rate {
public:
    using Time = std::chrono::nanoseconds;

    static constexpr std::chrono::seconds window{10};
    static constexpr std::size_t fewest = 3;

    /// At `now`, which never goes back, `done` bytes were done. If that is less than before,
    /// something else has begun, and so does the measuring. Of samples closer together than a tenth
    /// of the window only the first and the last count.
    void sample(Time now, std::uint64_t done);

    /// 0 while nothing moves.
    std::optional<std::uint64_t> bytes_per_second() const;

    /// How long `left` bytes take at this rate; nothing without one, and while nothing moves.
    std::optional<Time> time_for(std::uint64_t left) const;

private:
    struct Sample {
        Time at{};
        std::uint64_t done = 0;
    };

    const Sample& from_end(std::size_t back) const { return samples_[count_ - 1 - back]; }

    void drop_first();

    std::array<Sample, 16> samples_{}; ///< in order of time
    std::size_t count_ = 0;
};

} // namespace lvmpolld::overview
