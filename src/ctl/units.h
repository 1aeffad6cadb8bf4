// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers as people read and write them. Pure.
namespace lvmpolld::ctl {

/// "512 B", "1.5 GiB": powers of 1024, at most three digits before the point.
std::string bytes_text(std::uint64_t bytes);

/// "43%"; rounded down, so that 100% is all.
std::string percent_text(std::uint64_t done, std::uint64_t total);

/// "12s", "3m20s", "2h05m", "4d03h".
std::string duration_text(std::chrono::seconds duration);

/// "2026-11-26T02:29:44Z".
std::string timestamp(std::chrono::microseconds since_epoch);

/// "30s", "10m", "2h", "1d", "90": a whole number, of seconds if no unit follows; at most ten
/// years. Nothing if it is none.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// `text` without what a terminal would obey: each control character becomes a '?'. What is no
/// UTF-8 becomes '?' as well.
std::string harmless(std::string_view text);

/// `text` in UTF-8: each byte that belongs to no character becomes a '?'.
std::string well_formed(std::string_view text);

/// Columns that it takes on a terminal. Each character of UTF-8 counts as one.
std::size_t columns_of(std::string_view text);

/// At most so many columns of it; what is cut ends in '~'.
std::string shortened(std::string_view text, std::size_t columns);

} // namespace lvmpolld::ctl
