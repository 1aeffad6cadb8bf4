// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/events.h"
#include "ctl/pursuit.h"
#include "ctl/source.h"

#include <functional>

namespace lvmpolld::ctl {

enum class Followed { over, nothing, timed_out, interrupted };

/// Follows what the pursuit selects until all has ended, also over a restart of the daemon, at most
/// until `until`. `changed` is called when something may have changed, at least once a second, and
/// when the terminal was resized. Throws std::system_error and SourceLost.
Followed follow(const Paths& paths, Pursuit& pursuit, Events& events, Events::Time until,
                const std::function<void()>& changed);

} // namespace lvmpolld::ctl
