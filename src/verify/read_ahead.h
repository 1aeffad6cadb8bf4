// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/leg_reader.h"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace lvmpolld::verify {

/// Bytes that are read and compared at a time.
inline constexpr std::size_t slice_bytes = std::size_t{1} << 20;

/// Bytes of the slice at `position` of a leg that is `length` bytes long.
constexpr std::size_t slice_length(std::uint64_t position, std::uint64_t length) {
    return length - position < slice_bytes ? static_cast<std::size_t>(length - position) : slice_bytes;
}

/// Reads a leg from its start to its end in slices, a few slices ahead of who takes them. It has threads of
/// its own, two of them, so that the disk need not wait for the next request when one is done. The end of its
/// life stops them, after the reads that are under way.
class ReadAhead {
public:
    /// A slice, or why there is none; then there are no more.
    struct Slice {
        Buffer buffer{slice_bytes};
        std::optional<ReadFailure> failure;
        bool filled = false; ///< may be taken
    };

    /// `leg` must live longer.
    ReadAhead(const LegReader& leg, std::uint64_t length);
    ~ReadAhead();

    /// Waits for the next slice, which is valid until pop(); nothing once a stop is requested. Not to be
    /// called beyond the end.
    const Slice* front(const std::stop_token& stop);

    void pop();

private:
    static constexpr std::size_t readers = 2;
    static constexpr std::size_t depth = 4;

    void read(const std::stop_token& stop);

    const LegReader& leg_;
    const std::uint64_t length_;
    std::array<Slice, depth> slices_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t begun_ = 0;                     ///< Slices that are or were read, under mutex_.
    std::size_t taken_ = 0;                     ///< Slices popped so far, under mutex_.
    std::array<std::jthread, readers> threads_; ///< Last: are joined before what they use goes.
};

} // namespace lvmpolld::verify
