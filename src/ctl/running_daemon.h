// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace lvmpolld::ctl {

/// The process that holds the lock of the pidfile; 0 if it is in another PID namespace. Nothing if
/// no daemon runs. Throws std::system_error if that cannot be found out.
std::optional<pid_t> running_daemon(const std::string& pidfile);

} // namespace lvmpolld::ctl
