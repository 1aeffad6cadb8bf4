// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/table.h"

#include "ctl/units.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lvmpolld::ctl {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_last = 12;

struct Column {
    const char* heading;
    bool right; ///< aligned to the right
    int weight; ///< the column of the least weight goes first
};

constexpr std::array<Column, 8> headings{{
    {"VG/LV", false, 9},
    {"WHAT", false, 6},
    {"FROM/TO", false, 4},
    {"DONE", true, 8},
    {"SIZE", true, 2},
    {"RATE", true, 3},
    {"LEFT", true, 5},
    {"STATE", false, 7},
}};

using Row = std::array<std::string, headings.size()>;
using Widths = std::array<std::size_t, headings.size()>;

constexpr std::size_t state_column = headings.size() - 1;

Row row_of(const overview::Entry& entry, overview::WallTime now, const Style& style) {
    return {lv_name(entry),
            what_word(entry),
            route(entry, style),
            percent_of(entry),
            entry.bytes_total ? bytes_text(*entry.bytes_total) : std::string(),
            rate_text(entry),
            left_text(entry, now),
            state_text(entry)};
}

/// Those of the widest cells; 0: all cells are empty.
Widths widest(const std::vector<Row>& rows) {
    Widths widths{};
    for (std::size_t i = 0; i < widths.size(); ++i) {
        for (const auto& row : rows)
            widths[i] = std::max(widths[i], columns_of(row[i]));
        if (widths[i] != 0)
            widths[i] = std::max(widths[i], columns_of(headings[i].heading));
    }
    return widths;
}

/// The last column may be cut.
std::size_t needed(const Widths& widths) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] != 0)
            sum += gap + (i == state_column ? std::min(widths[i], narrowest_last) : widths[i]);
    return sum - gap;
}

/// Of those that are there.
std::size_t lightest(const Widths& widths) {
    std::size_t found = 0;
    for (std::size_t i = 1; i < widths.size(); ++i)
        if (widths[i] != 0 && headings[i].weight < headings[found].weight)
            found = i;
    return found;
}

/// 0: the column is left out.
Widths widths_of(const std::vector<Row>& rows, std::size_t columns) {
    auto widths = widest(rows);
    if (columns == 0 || needed(widths) <= columns)
        return widths;
    widths[0] = std::min(widths[0], std::max(narrowest_last, columns / 2));
    while (needed(widths) > columns) {
        const auto column = lightest(widths);
        if (column == 0)
            break;
        widths[column] = 0;
    }
    return widths;
}

std::string line(const Row& row, const Widths& widths, std::size_t columns, Tone tone,
                 const Style& style) {
    std::string text;
    std::size_t used = 0;
    std::string padding;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (widths[i] == 0)
            continue;
        if (used != 0) {
            padding.append(gap, ' ');
            used += gap;
        }
        const auto room = columns == 0 ? widths[i] : std::min(widths[i], columns - used);
        const auto cell = shortened(row[i], room);
        const auto fill = room - columns_of(cell);
        if (headings[i].right)
            padding.append(fill, ' ');
        if (!cell.empty()) {
            const bool coloured = i == 3 || i == state_column;
            text += padding + (coloured ? painted(cell, tone, style) : cell);
            padding.clear();
        }
        if (!headings[i].right)
            padding.append(fill, ' ');
        used += room;
    }
    return text + "\n";
}

} // namespace

std::string table(const std::vector<overview::Entry>& entries, overview::WallTime now,
                  std::size_t columns, const Style& style) {
    std::vector<Row> rows;
    rows.reserve(entries.size());
    for (const auto& entry : entries)
        rows.push_back(row_of(entry, now, style));
    const auto widths = widths_of(rows, columns);
    Row heading;
    for (std::size_t i = 0; i < heading.size(); ++i)
        heading[i] = headings[i].heading;
    auto text = line(heading, widths, columns, Tone::plain, style);
    for (std::size_t i = 0; i < rows.size(); ++i)
        text += line(rows[i], widths, columns, tone_of(entries[i]), style);
    return text;
}

} // namespace lvmpolld::ctl
