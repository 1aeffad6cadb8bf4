// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <string>
#include <string_view>

/// How entries are called where people read them. Pure.
namespace lvmpolld::ctl {

enum class Tone : std::uint8_t { plain, good, warning, bad, faint };

struct Style {
    bool colour = false;
    bool unicode = false;
};

/// `text` in the colour of `tone`, if there are colours.
std::string painted(std::string_view text, Tone tone, const Style& style);

/// "vg0/pvmove0".
std::string lv_name(const overview::Entry& entry);

/// "move", "abort of a move", "RAID rebuild".
std::string what_word(const overview::Entry& entry);

/// "/dev/sdb -> /dev/sdc"; empty if no device is known.
std::string route(const overview::Entry& entry, const Style& style);

/// "43%"; empty while nothing shows it.
std::string percent_of(const overview::Entry& entry);

/// "copying", "failed: lvpoll exited with 5".
std::string state_text(const overview::Entry& entry);
Tone tone_of(const overview::Entry& entry);

/// Whether it has ended otherwise than it should.
bool has_failed(const overview::Entry& entry);

/// Time that is left at `now`; empty if nobody knows.
std::string left_text(const overview::Entry& entry, overview::WallTime now);

/// "12 MiB/s"; empty if it is not measured yet.
std::string rate_text(const overview::Entry& entry);

} // namespace lvmpolld::ctl
