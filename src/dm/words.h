// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

/// How the parameters of a target are read: words and numbers with blanks in between. Pure.
namespace lvmpolld::dm {

/// A decimal number and nothing else.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc() || stop != end)
        return std::nullopt;
    return number;
}

/// Two numbers with `separator` in between.
template <class Number>
std::optional<std::pair<Number, Number>> parse_pair(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos)
        return std::nullopt;
    const auto first = parse_number<Number>(text.substr(0, at));
    const auto second = parse_number<Number>(text.substr(at + 1));
    if (!first || !second)
        return std::nullopt;
    return std::pair(*first, *second);
}

/// The words of a line, one after the other; empty at its end.
class Words {
public:
    explicit Words(std::string_view line) : rest_(line) {}

    std::string_view next() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
        const std::string_view word = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(word.size());
        return word;
    }

    /// Passes over `count` words.
    void skip(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count && !rest_.empty(); ++i)
            next();
    }

    bool at_end() const { return rest_.find_first_not_of(' ') == rest_.npos; }

    std::optional<std::uint64_t> next_number() { return parse_number<std::uint64_t>(next()); }

private:
    std::string_view rest_;
};

} // namespace lvmpolld::dm
