// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld::dm {

/// What a record of the kernel's log means for a mirror being copied.
enum class KernelMessage {
    /// Regions of some mirror, it isn't said which, were not copied, and the kernel counts them as
    /// copied.
    /// The messages are rate-limited,
    /// at most ten in five seconds over all mirrors: see rate_limit_seconds.
    recovery_error,
    /// Records were overwritten before they were read; any may have been a recovery_error.
    lost,
    other
};

/// For how long after a recovery_error another one may be kept silent (DEFAULT_RATELIMIT_INTERVAL
/// of the kernel): a copy that was in progress at any time in between is suspect as well.
inline constexpr int rate_limit_seconds = 5;

/// The meaning of a record of /dev/kmsg: `PRIORITY,SEQUENCE,TIME,FLAGS;TEXT\n…`
/// (Documentation/ABI/testing/dev-kmsg). Only the kernel's own count: a process may write there
/// too. Pure.
KernelMessage classify(std::string_view record);

/// The kernel's log, through /dev/kmsg, from the oldest record that is still there: a copy may have
/// gone wrong before the daemon that is to commit it was started.
class KernelMessages {
public:
    /// Throws std::system_error, also without permission. Another `log` than /dev/kmsg is for
    /// tests.
    static KernelMessages open(const std::string& log = "/dev/kmsg");

    /// Borrowed; readable when next() has something.
    int fd() const noexcept { return descriptor_.get(); }

    /// Reads one record; nothing if there is no more. Doesn't wait.
    std::optional<KernelMessage> next();

private:
    KernelMessages(std::string log, FileDescriptor descriptor)
        : log_(std::move(log)), descriptor_(std::move(descriptor)) {}

    std::string log_;
    FileDescriptor descriptor_;
};

} // namespace lvmpolld::dm
