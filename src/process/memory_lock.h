// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// A part of the address space, whole pages.
struct MemoryRange {
    std::size_t begin;
    std::size_t end;

    bool operator==(const MemoryRange&) const = default;
};

/// Of a text like /proc/self/maps: all that the process can read.
std::vector<MemoryRange> readable_ranges(std::string_view maps);

/// For mlockall(2). `unlimited`: RLIMIT_MEMLOCK does not bind this process.
int memory_lock_flags(bool unlimited) noexcept;

/// Keeps this process in memory as long as it lives: no page of it, whether of its program or of
/// its data, has to be read from a disk meanwhile. One at a time, on one thread; it holds for all
/// threads.
class MemoryLock {
public:
    /// Waits for what has to be read.
    MemoryLock() noexcept;
    ~MemoryLock();
    MemoryLock(const MemoryLock&) = delete;
    MemoryLock& operator=(const MemoryLock&) = delete;

    /// Why it does not do that, or not for all of the process: an errno value. 0: it does.
    int error() const noexcept { return error_; }

private:
    int error_;
};

} // namespace lvmpolld
