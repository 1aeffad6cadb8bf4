// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/leg_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

namespace lvmpolld::verify {

/// Bytes that are read and compared at a time.
inline constexpr std::size_t slice_bytes = std::size_t{1} << 20;

/// Bytes of the slice at `position` of a leg that is `length` bytes long.
constexpr std::size_t slice_length(std::uint64_t position, std::uint64_t length) {
    return length - position < slice_bytes ? static_cast<std::size_t>(length - position)
                                           : slice_bytes;
}

/// Reads a leg from its start to its end in slices, a few slices ahead of who takes them. It has
/// two threads of its own, so that the disk need not wait for the next request when one is done.
class ReadAhead {
public:
    /// A slice, or why there is none; then there are no more.
    struct Slice {
        Buffer buffer{slice_bytes};
        std::optional<ReadFailure> failure;
        bool filled = false; ///< May be taken.
    };

    /// Throws std::system_error if threads are scarce.
    ReadAhead(std::shared_ptr<const LegReader> leg, std::uint64_t length);

    /// Waits time_for_reads_to_end at most for the reads that are under way.
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Begins no more reads; the destructor of several can wait for all of them together.
    void stop();

    /// Waits for the next slice, which is valid until pop(). Returns null once a stop is requested.
    /// Not to be called beyond the end.
    const Slice* front(const std::stop_token& stop);

    void pop();

private:
    struct State;
    std::shared_ptr<State> state_; ///< Shared with the threads, which a disk that hangs may keep.
};

} // namespace lvmpolld::verify
