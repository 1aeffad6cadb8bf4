// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/words.h"
#include "overview/entry.h"

#include <string>

namespace lvmpolld::ctl {

/// Everything that is known of one, a line each. Pure.
std::string details(const overview::Entry& entry, overview::WallTime now, const Style& style);

} // namespace lvmpolld::ctl
