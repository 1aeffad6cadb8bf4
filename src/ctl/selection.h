// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::ctl {

/// What a person names: a VG ("vg0"), an LV ("vg0/data", "/dev/vg0/data"), a physical volume
/// ("/dev/sdb": what is read from it or written to it), or an identifier ("poll-17").
struct What {
    std::string text;                 ///< as it was written
    std::string vg{};                 ///< empty: does not name one
    std::string lv{};                 ///< empty: all of the VG
    std::vector<std::string> paths{}; ///< of the physical volume

    bool matches(const overview::Entry& entry) const;
};

/// Nothing if no VG, LV or device can be called so. `device` is the path by which the kernel's
/// device is shown that `text` leads to; empty: none. Pure.
std::optional<What> parse_what(std::string_view text, const std::string& device);

/// Which things that take long are meant.
struct Selection {
    std::vector<What> whats{};           ///< one of these; empty: all
    std::vector<overview::Kind> kinds{}; ///< likewise
    bool matches(const overview::Entry& entry) const;
};

/// The kinds that a word of --for stands for: "raid" for four of them, "raidScrub" for that one.
/// Empty if it is no such word. Pure.
std::vector<overview::Kind> kinds_called(std::string_view word);

/// The words of --for, for messages.
inline constexpr std::string_view kind_words = "pvmove, merge, convert, raid, cache";

} // namespace lvmpolld::ctl
