// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/command.h"
#include "ctl/diagnosis.h"

namespace lvmpolld::ctl {

/// What can be found out of this host and its daemon; starts none. What cannot be is absent.
/// Throws std::system_error if nobody may ask whether a daemon runs.
HostFacts host_facts(const Command& command);

} // namespace lvmpolld::ctl
