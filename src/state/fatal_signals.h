// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "state/state_directory.h"

namespace lvmpolld {

/// While there is one, a signal that stands for a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
/// SIGABRT) is noted in the state directory. The last of them is also what a watchdog sends to a
/// daemon that hangs. The signal then does what it would have done: a core dump, a sanitizer's
/// report. A stack that has overflown has no room for the note: that is like a kill. One at a time.
class FatalSignals {
public:
    explicit FatalSignals(StateDirectory& directory) noexcept;
    ~FatalSignals();
    FatalSignals(const FatalSignals&) = delete;
    FatalSignals& operator=(const FatalSignals&) = delete;
};

} // namespace lvmpolld
