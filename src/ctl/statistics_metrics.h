// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/exposition.h"
#include "varlink/json.h"

namespace lvmpolld::ctl {

/// The counters and the histogram of a reply of io.lvmpolld.Statistics.Get; what is not in it is
/// left out. Pure.
void add_statistics(Exposition& text, const varlink::Json& statistics);

} // namespace lvmpolld::ctl
