// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lvmpolld::config {

/// The number at the beginning of `text`, as strtoll(3) reads it with base 0: also octal and
/// hexadecimal, 0 where there is no number. Nothing if it is out of range.
std::optional<std::int64_t> read_integer(std::string_view text);

/// Whether strtod(3) reads the number at the beginning of `text`, with its exponent, without
/// ERANGE.
bool real_in_range(std::string_view text);

} // namespace lvmpolld::config
