// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld {

/// A process that holds a file lock.
struct LockHolder {
    pid_t pid;
    std::string name; ///< as ps(1) shows it; empty if it is gone
};

/// The process that holds the lock for which `waiter` waits. `locks` is /proc/locks
/// (proc_locks(5)): a waiter has the holder's number and `->` before its own line. Pure.
std::optional<pid_t> find_lock_holder(std::string_view locks, pid_t waiter);

/// The same of the running system; none if `waiter` does not wait, or that cannot be told.
std::optional<LockHolder> lock_holder_for(pid_t waiter);

} // namespace lvmpolld
