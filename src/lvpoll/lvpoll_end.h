// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "lvpoll/lvpoll.h"
#include "operation/result.h"

namespace lvmpolld {

/// lvm's exit code for a command that failed or was interrupted (ECMD_FAILED).
inline constexpr int lvm_failed = 5;

/// Whether lvpoll ended because of our SIGTERM: by the signal, or with 5 when it was interrupted in
/// its sleep.
bool is_interruption(const ExitStatus& status);

/// The interval for an lvpoll that is recalled: the client's without its '+' and at least 1 s,
/// since lvpoll with 0 waits while it holds the VG's lock.
std::string recall_interval(const Interval& interval);

/// Logs why there is no lvpoll, with `fields`, and gives the exit code by which the classical
/// daemon tells the client: 100 for a redirection that failed, 101 for a program that can't be run.
Result report_spawn_failure(Log& log, const PollRequest& request, const SpawnFailure& failure,
                            LogFields fields);

/// Logs how lvpoll ended, with `fields`; its end is the result.
Result report_end(Log& log, const PollRequest& request, const ExitStatus& status, LogFields fields);

} // namespace lvmpolld
