// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <linux/capability.h>

#include <cstdint>

namespace lvmpolld {

/// Capabilities as bits, 1 << CAP_...
using Capabilities = std::uint64_t;

constexpr Capabilities capability(unsigned number) {
    return Capabilities{1} << number;
}

/// What a thread keeps that never starts a child. Each keeps CAP_IPC_LOCK: without it an allocation
/// fails while the process is locked in memory (MemoryLock) and is larger than RLIMIT_MEMLOCK.
namespace rights {

inline constexpr Capabilities log = capability(CAP_IPC_LOCK);
/// Sockets, pidfile, records: the settings may put them where root needs a capability to write.
inline constexpr Capabilities files = log | capability(CAP_DAC_OVERRIDE);
/// Reads disks whose owner may be somebody else, a database's user for example.
inline constexpr Capabilities disks = log | capability(CAP_DAC_READ_SEARCH);

} // namespace rights

/// The effective ones of this thread.
Capabilities effective_capabilities() noexcept;

/// For good, takes from this thread, and from those that it starts, all capabilities but `kept`,
/// and the system calls that no such thread needs; they fail with EPERM. What it started before
/// keeps its own. Returns 0, or the errno value of what could not be taken; the rest is.
int narrow_thread(Capabilities kept) noexcept;

} // namespace lvmpolld
