// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/report_text.h"

#include <string>

namespace lvmpolld::ctl {

/// The files of the daemon's state directory, what they say, and what is known of crashes.
ReportSection state_directory_section(const std::string& path);

} // namespace lvmpolld::ctl
