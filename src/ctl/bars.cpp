// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/bars.h"

#include "ctl/units.h"

#include <algorithm>

namespace lvmpolld::ctl {

namespace {

using overview::Entry;

constexpr std::size_t narrowest_bar = 8;
constexpr std::size_t widest_bar = 60;
constexpr std::size_t percent_columns = 4;
constexpr std::size_t narrowest_state = 7;
constexpr std::size_t narrowest_name = 12;

/// Columns of the parts of each line; 0: it is left out. They are the same in all lines, so that
/// the parts stand below each other.
struct Layout {
    bool kinds = true; ///< the name says of what kind it is, too
    std::size_t name = 0;
    std::size_t bar = 0;
    std::size_t rate = 0;
    std::size_t left = 0;
    std::size_t state = 0;

    std::size_t columns() const {
        std::size_t sum = name + 1 + percent_columns;
        for (const auto part : {bar, rate, left, state})
            sum += part == 0 ? 0 : part + 1;
        return sum;
    }
};

std::string full_name(const Entry& entry) {
    return lv_name(entry) + " " + what_word(entry);
}

std::size_t longest_name(const std::vector<Entry>& entries, bool kinds) {
    std::size_t longest = 0;
    for (const auto& entry : entries)
        longest = std::max(longest, columns_of(kinds ? full_name(entry) : lv_name(entry)));
    return longest;
}

Layout layout(const std::vector<Entry>& entries, overview::WallTime now, std::size_t columns) {
    Layout parts{.name = longest_name(entries, true), .bar = narrowest_bar};
    for (const auto& entry : entries) {
        parts.rate = std::max(parts.rate, columns_of(rate_text(entry)));
        parts.left = std::max(parts.left, columns_of(left_text(entry, now)));
        parts.state = std::max(parts.state, columns_of(state_text(entry)));
    }
    if (parts.columns() > columns)
        parts.state = std::min(parts.state, std::max(narrowest_state, columns / 4));
    if (parts.columns() > columns) {
        parts.kinds = false;
        parts.name = longest_name(entries, false);
    }
    if (parts.columns() > columns)
        parts.name = std::min(parts.name, std::max(narrowest_name, columns / 3));
    for (auto* const part : {&parts.rate, &parts.state, &parts.left, &parts.bar})
        if (parts.columns() > columns)
            *part = 0;
    if (parts.columns() > columns)
        parts.name -= std::min(parts.name - 1, parts.columns() - columns);
    if (parts.bar != 0 && parts.columns() < columns)
        parts.bar = std::min(widest_bar, parts.bar + columns - parts.columns());
    return parts;
}

std::string bar(const Entry& entry, std::size_t columns, const Style& style) {
    const auto inner = columns - 2;
    std::size_t filled = 0;
    if (entry.bytes_done && entry.bytes_total)
        filled = *entry.bytes_total == 0
                     ? inner
                     : static_cast<std::size_t>(static_cast<double>(*entry.bytes_done) *
                                                static_cast<double>(inner) /
                                                static_cast<double>(*entry.bytes_total));
    filled = std::min(filled, inner);
    std::string done;
    for (std::size_t i = 0; i < filled; ++i)
        done += style.unicode ? "█" : "#";
    const auto tone = tone_of(entry) == Tone::plain ? Tone::good : tone_of(entry);
    return "[" + painted(done, tone, style) +
           std::string(inner - filled, style.unicode ? ' ' : '.') + "]";
}

std::string padded(const std::string& text, std::size_t columns, bool right = false) {
    const auto cut = shortened(text, columns);
    const std::string fill(columns - columns_of(cut), ' ');
    return right ? fill + cut : cut + fill;
}

std::string line(const Entry& entry, overview::WallTime now, const Layout& parts,
                 const Style& style) {
    auto text = padded(parts.kinds ? full_name(entry) : lv_name(entry), parts.name);
    if (parts.bar != 0)
        text += " " + bar(entry, parts.bar, style);
    text += " " + padded(percent_of(entry), percent_columns, true);
    if (parts.rate != 0)
        text += " " + padded(rate_text(entry), parts.rate, true);
    if (parts.left != 0)
        text += " " + padded(left_text(entry, now), parts.left, true);
    if (parts.state != 0)
        text += " " + painted(shortened(state_text(entry), parts.state), tone_of(entry), style);
    return text;
}

std::uint64_t tenths(const Entry& entry) {
    if (!entry.bytes_done || !entry.bytes_total || *entry.bytes_total == 0)
        return 0;
    return static_cast<std::uint64_t>(static_cast<double>(*entry.bytes_done) * 10 /
                                      static_cast<double>(*entry.bytes_total));
}

} // namespace

std::vector<std::string> bars(const std::vector<Entry>& entries, overview::WallTime now,
                              std::size_t columns, std::size_t rows, const Style& style) {
    const auto parts = layout(entries, now, columns);
    const auto shown = entries.size() <= rows ? entries.size() : rows - 1;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < shown; ++i)
        lines.push_back(line(entries[i], now, parts, style));
    if (shown < entries.size())
        lines.push_back(
            shortened("and " + std::to_string(entries.size() - shown) + " more", columns));
    return lines;
}

std::string progress_line(const Entry& entry, overview::WallTime now) {
    auto text = timestamp(now) + " " + full_name(entry);
    if (const auto percent = percent_of(entry); !percent.empty())
        text += " " + percent;
    if (const auto rate = rate_text(entry); !rate.empty())
        text += " " + rate;
    if (const auto left = left_text(entry, now); !left.empty())
        text += ", " + left + " left";
    return text + ", " + state_text(entry);
}

bool is_news(const Entry& before, const Entry& now) {
    return state_text(before) != state_text(now) || tenths(before) != tenths(now);
}

std::string ended_line(const Entry& entry) {
    auto text = lv_name(entry) + ": " + what_word(entry) + " " + state_text(entry);
    if (!entry.result || entry.result->ending != overview::Ending::completed)
        return text;
    if (entry.bytes_total)
        text += ", " + bytes_text(*entry.bytes_total);
    if (entry.started && entry.finished)
        text += " in " + duration_text(std::chrono::ceil<std::chrono::seconds>(*entry.finished -
                                                                               *entry.started));
    return text;
}

} // namespace lvmpolld::ctl
