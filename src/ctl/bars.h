// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/words.h"
#include "overview/entry.h"

#include <cstddef>
#include <string>
#include <vector>

/// Progress while it goes on. Pure.
namespace lvmpolld::ctl {

/// One line for each entry, none longer than `columns`: name, bar, percent, rate, time left, state,
/// as much of it as fits. At most `rows` lines, not 0; the last one then says how many are left
/// out.
std::vector<std::string> bars(const std::vector<overview::Entry>& entries, overview::WallTime now,
                              std::size_t columns, std::size_t rows, const Style& style);

/// "2026-11-26T02:29:44Z vg0/pvmove0 move 43% 12 MiB/s, 3m20s left, copying".
std::string progress_line(const overview::Entry& entry, overview::WallTime now);

/// Whether a reader of such lines learns something new: another state, or ten percent more.
bool is_news(const overview::Entry& before, const overview::Entry& now);

/// What is told of one that has ended: "vg0/pvmove0: move done, 64 MiB".
std::string ended_line(const overview::Entry& entry);

} // namespace lvmpolld::ctl
