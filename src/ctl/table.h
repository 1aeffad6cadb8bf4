// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/words.h"
#include "overview/entry.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// A table of these entries with a heading. Lines that do not fit into `columns` lose columns, the
/// least important first, and then the end of the last one; 0: there is no such limit. Pure.
std::string table(const std::vector<overview::Entry>& entries, overview::WallTime now,
                  std::size_t columns, const Style& style);

} // namespace lvmpolld::ctl
