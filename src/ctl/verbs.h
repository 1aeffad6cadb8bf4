// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/command.h"

namespace lvmpolld::ctl {

/// Each does what its verb says, and returns the exit status. They throw Refused, SourceLost and
/// std::system_error.
int run_list(const Command& command);
int run_watch(const Command& command);
int run_wait(const Command& command);
int run_show(const Command& command);
int run_abort(const Command& command);
int run_throttle(const Command& command);
int run_doctor(const Command& command);

} // namespace lvmpolld::ctl
