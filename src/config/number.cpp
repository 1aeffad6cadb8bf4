// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/number.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>

namespace lvmpolld::config {

namespace {

bool is_hexadecimal_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace

std::optional<std::int64_t> read_integer(std::string_view text) {
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+')
        text.remove_prefix(1);
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
        is_hexadecimal_digit(text[2])) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.starts_with('0')) {
        base = 8;
    }
    std::uint64_t magnitude = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    constexpr auto maximum = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (result.ec == std::errc::result_out_of_range || magnitude > maximum + (negative ? 1 : 0))
        return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

bool real_in_range(std::string_view text) {
    const std::string number(text.substr(0, text.find_first_not_of("0123456789.+-eE")));
    errno = 0;
    static_cast<void>(std::strtod(number.c_str(), nullptr));
    return errno == 0;
}

} // namespace lvmpolld::config
