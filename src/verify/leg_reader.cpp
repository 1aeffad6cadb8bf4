// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/leg_reader.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace lvmpolld::verify {

namespace {

/// Of memory, and of positions in a file: the largest logical block that Linux has
/// (BLK_MAX_BLOCK_SIZE).
constexpr std::size_t alignment = std::size_t{64} * 1024;

constexpr std::uint64_t down(std::uint64_t value, std::uint64_t unit) {
    return value / unit * unit;
}

constexpr std::uint64_t up(std::uint64_t value, std::uint64_t unit) {
    return down(value + unit - 1, unit);
}

int open_direct(const char* path) {
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (descriptor >= 0 || errno != EINVAL)
        return descriptor;

    // Some file systems have no direct I/O. A block device always has.
    struct stat status {};

    if (::stat(path, &status) == 0 && S_ISREG(status.st_mode))
        return ::open(path, O_RDONLY | O_CLOEXEC);
    errno = EINVAL;
    return -1;
}

std::uint64_t logical_block(int descriptor) {
    int bytes = 0;
    if (::ioctl(descriptor, BLKSSZGET, &bytes) == 0 && bytes > 0 &&
        static_cast<std::size_t>(bytes) <= alignment)
        return static_cast<std::uint64_t>(bytes);
    return 4096;
}

} // namespace

Buffer::Buffer(std::size_t bytes)
    : capacity_(up(bytes, alignment) + 2 * alignment),
      memory_(static_cast<std::byte*>(std::aligned_alloc(alignment, capacity_))) {
    if (!memory_)
        throw std::bad_alloc();
}

void Buffer::Free::operator()(std::byte* memory) const noexcept {
    std::free(memory);
}

LegReader::LegReader(Extent extent)
    : extent_(std::move(extent)), descriptor_(open_direct(extent_.device.c_str())),
      open_error_(descriptor_ ? 0 : errno), block_(logical_block(descriptor_.get())) {}

std::optional<ReadFailure> LegReader::read(std::uint64_t position, std::size_t length,
                                           Buffer& buffer) const {
    if (!descriptor_)
        return ReadFailure{position, open_error_};
    const std::uint64_t wanted = extent_.sector * sector_bytes + position;
    const std::uint64_t first = down(wanted, block_);
    const std::uint64_t last = wanted + length;
    buffer.data_ = {buffer.memory_.get() + (wanted - first), length};

    if (read_whole(first, last - first, buffer.memory_.get()) == 0)
        return std::nullopt;
    for (std::uint64_t at = first; at < last; at += block_)
        if (const int error =
                read_whole(at, std::min(block_, last - at), buffer.memory_.get() + (at - first)))
            return ReadFailure{position + std::max(at, wanted) - wanted, error};
    return std::nullopt;
}

int LegReader::read_whole(std::uint64_t first, std::size_t length, std::byte* to) const {
    const std::size_t whole = up(length, block_);
    std::size_t done = 0;
    while (done < length) {
        const ssize_t size =
            ::pread(descriptor_.get(), to + done, whole - done, static_cast<off_t>(first + done));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno;
        done += static_cast<std::size_t>(size);
        if (size == 0 || done % block_ != 0) // the end of the device
            break;
    }
    return done < length ? EIO : 0;
}

} // namespace lvmpolld::verify
