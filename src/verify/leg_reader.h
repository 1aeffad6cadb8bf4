// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "verify/extent.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace lvmpolld::verify {

using Bytes = std::span<const std::byte>;

/// Memory that direct I/O can read into, and what was read there.
class Buffer {
public:
    /// Room for `bytes` of data and for the alignment around them.
    explicit Buffer(std::size_t bytes);

    Bytes data() const noexcept { return data_; }

private:
    friend class LegReader;

    struct Free {
        void operator()(std::byte* memory) const noexcept;
    };

    std::size_t capacity_;
    std::unique_ptr<std::byte, Free> memory_;
    Bytes data_;
};

/// At `position` bytes into the leg a read fails with the errno value `error`.
struct ReadFailure {
    std::uint64_t position;
    int error;
};

/// Reads a leg with O_DIRECT: the disk's content is asked for, not the page cache's. May be read
/// from several threads at once.
class LegReader {
public:
    /// Doesn't fail: a leg that can't be opened can't be read.
    explicit LegReader(Extent extent);
    virtual ~LegReader() = default;
    LegReader(const LegReader&) = delete;
    LegReader& operator=(const LegReader&) = delete;

    const Extent& extent() const noexcept { return extent_; }

    /// Reads `length` bytes at `position` bytes into the leg, which needn't be multiples of the
    /// disk's block. After a failed read block by block, to find the place; what can be read that
    /// way is read.
    virtual std::optional<ReadFailure> read(std::uint64_t position, std::size_t length,
                                            Buffer& buffer) const;

private:
    /// Returns an errno value or 0. A device that ends too early gives EIO.
    int read_whole(std::uint64_t first, std::size_t length, std::byte* to) const;

    Extent extent_;
    FileDescriptor descriptor_;
    int open_error_ = 0;
    std::uint64_t block_;
};

/// Shared with the threads that read: a disk that hangs may keep one of them after all others are
/// done.
using Legs = std::vector<std::shared_ptr<const LegReader>>;

} // namespace lvmpolld::verify
