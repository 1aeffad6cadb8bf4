// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/command.h"
#include "ctl/pseudonyms.h"
#include "ctl/report_text.h"

#include <vector>

namespace lvmpolld::ctl {

/// All that a report has of this host. It starts no daemon, changes nothing, and gives each program
/// that it runs 10 s. What fails is named in its section.
std::vector<ReportSection> report_sections(const Command& command);

/// The names of this host that programs know and perhaps no section tells.
Pseudonyms names_of_host();

} // namespace lvmpolld::ctl
