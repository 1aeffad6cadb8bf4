// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/command.h"
#include "ctl/events.h"
#include "ctl/follow.h"
#include "ctl/pursuit.h"

/// What `wait` and `watch` have in common.
namespace lvmpolld::ctl {

Events::Time deadline_of(const Command& command);

/// Says why it ends, if that is no result, and returns the exit status.
int exit_code_of(Followed followed, const Pursuit& pursuit, const Command& command);

} // namespace lvmpolld::ctl
