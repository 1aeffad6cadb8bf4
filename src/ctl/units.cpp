// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace lvmpolld::ctl {

namespace {

constexpr std::chrono::seconds longest{std::chrono::hours(24) * 3653};

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Whether no character begins so: what is written longer than it has to be, surrogates, and what
/// is beyond U+10FFFF are none (RFC 3629).
bool is_no_beginning(unsigned char first, unsigned char second) {
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
}

/// Bytes of the character that `text`, not empty, begins with; 0 if it is none.
std::size_t size_of_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    std::size_t size = 0;
    if (first < 0x80)
        size = 1;
    else if (first >= 0xC2 && first < 0xE0)
        size = 2;
    else if (first >= 0xE0 && first < 0xF0)
        size = 3;
    else if (first >= 0xF0 && first < 0xF5)
        size = 4;
    if (size > text.size() ||
        !std::ranges::all_of(text.substr(0, size).substr(std::min<std::size_t>(size, 1)),
                             continues_character))
        return 0;
    return size > 1 && is_no_beginning(first, static_cast<unsigned char>(text[1])) ? 0 : size;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    return first < 0x20 || first == 0x7F || // C1: U+0080 to U+009F
           (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

/// `text`, with a '?' for each character of which `is_good` is false, and for what is none.
template <class Predicate>
std::string cleaned(std::string_view text, const Predicate& is_good) {
    std::string result;
    while (!text.empty()) {
        const auto size = size_of_character(text);
        result += size > 0 && is_good(text.substr(0, size)) ? text.substr(0, size) : "?";
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return result;
}

/// At least two digits.
std::string padded(long long number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

} // namespace

std::string bytes_text(std::uint64_t bytes) {
    static constexpr std::array<const char*, 7> units{"B",   "KiB", "MiB", "GiB",
                                                      "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < units.size(); ++unit)
        value /= 1024;
    const auto tenths = std::llround(value * 10);
    const bool whole = tenths >= 1000 || tenths % 10 == 0;
    auto text = std::to_string(whole ? std::llround(value) : tenths / 10);
    if (!whole)
        text.append(".").append(std::to_string(tenths % 10));
    return text.append(" ").append(units[unit]);
}

std::string percent_text(std::uint64_t done, std::uint64_t total) {
    if (total == 0 || done >= total)
        return "100%";
    const auto share = static_cast<double>(done) / static_cast<double>(total);
    return std::to_string(static_cast<int>(share * 100)) + "%";
}

std::string duration_text(std::chrono::seconds duration) {
    const long long seconds = std::max<long long>(duration.count(), 0);
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    if (minutes == 0)
        return std::to_string(seconds) + "s";
    if (hours == 0)
        return std::to_string(minutes) + "m" + padded(seconds % 60) + "s";
    if (hours < 48)
        return std::to_string(hours) + "h" + padded(minutes % 60) + "m";
    return std::to_string(hours / 24) + "d" + padded(hours % 24) + "h";
}

std::string timestamp(std::chrono::microseconds since_epoch) {
    const auto seconds = static_cast<std::time_t>(
        std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text;
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    std::uint64_t number = 0;
    const auto* const text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), text_end, number);
    if (error != std::errc() || text_end - end > 1)
        return std::nullopt;
    std::uint64_t factor = 1;
    if (end != text_end) {
        constexpr std::string_view letters = "smhd";
        constexpr std::array<std::uint64_t, 4> seconds{1, 60, 3600, 86400};
        const auto unit = letters.find(*end);
        if (unit == letters.npos)
            return std::nullopt;
        factor = seconds[unit];
    }
    if (number > static_cast<std::uint64_t>(longest.count()) / factor)
        return std::nullopt;
    return std::chrono::seconds(number * factor);
}

std::string harmless(std::string_view text) {
    return cleaned(text, [](std::string_view character) { return !is_control(character); });
}

std::string well_formed(std::string_view text) {
    return cleaned(text, [](std::string_view) { return true; });
}

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns)
        return std::string(text);
    if (columns == 0)
        return {};
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size(); ++end)
        if (!continues_character(text[end]) && ++count == columns)
            break;
    return std::string(text.substr(0, end)) + "~";
}

} // namespace lvmpolld::ctl
