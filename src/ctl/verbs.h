// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/command.h"

#include <string>

namespace lvmpolld::ctl {

/// Where the kernel keeps dm-mirror's throttle.
inline constexpr const char* throttle_parameter =
    "/sys/module/dm_mirror/parameters/raid1_resync_throttle";

/// Each does what its verb says, and returns the exit status. They throw Refused, SourceLost and
/// std::system_error.
int run_list(const Command& command);
int run_watch(const Command& command);
int run_wait(const Command& command);
int run_show(const Command& command);
int run_abort(const Command& command);
int run_throttle(const Command& command, const std::string& parameter = throttle_parameter);
int run_doctor(const Command& command);
int run_metrics(const Command& command);
int run_report(const Command& command);

} // namespace lvmpolld::ctl
