// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/pseudonyms.h"
#include "ctl/report_text.h"

namespace lvmpolld::ctl {

/// Tables and status of all devices that copy, or that are part of it: mirror, RAID, snapshot and
/// its merge, cache. Asks the kernel, without waiting for I/O.
ReportSection device_mapper_section();

/// The names of all devices of device-mapper, if it may be asked.
void add_mapped_names(Pseudonyms& names);

} // namespace lvmpolld::ctl
