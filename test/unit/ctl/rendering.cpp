// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/bars.h"
#include "ctl/details.h"
#include "ctl/operations_json.h"
#include "ctl/table.h"
#include "ctl/units.h"
#include "golden.h"
#include "samples.h"

#include <gtest/gtest.h>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;

namespace {

constexpr Style plain{};
constexpr Style full{.colour = true, .unicode = true};

std::string lines_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines)
        text += line + "\n";
    return text;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// Without the colours.
std::string visible(std::string text) {
    for (auto begin = text.find('\x1b'); begin != text.npos; begin = text.find('\x1b'))
        text.erase(begin, text.find('m', begin) - begin + 1);
    return text;
}

std::vector<overview::Entry> every_entry() {
    auto entries = under_way();
    entries.push_back(failed());
    entries.push_back(completed());
    return entries;
}

} // namespace

TEST(Table, WithoutALimit) {
    expect_golden("table", table(under_way(), now, 0, plain));
}

TEST(Table, InColourAndUnicode) {
    expect_golden("table-colour", table(under_way(), now, 0, full));
}

TEST(Table, In80Columns) {
    expect_golden("table-80", table(under_way(), now, 80, plain));
}

TEST(Table, In40Columns) {
    expect_golden("table-40", table(under_way(), now, 40, plain));
}

TEST(Table, KeepsToAnyWidth) {
    for (std::size_t columns = 40; columns <= 250; ++columns)
        for (const auto& line : split(table(every_entry(), now, columns, full)))
            EXPECT_LE(columns_of(visible(line)), columns) << line;
}

TEST(Bars, In40Columns) {
    expect_golden("bars-40", lines_of(bars(every_entry(), now, 40, 24, plain)));
}

TEST(Bars, In80Columns) {
    expect_golden("bars-80", lines_of(bars(every_entry(), now, 80, 24, plain)));
}

TEST(Bars, In200Columns) {
    expect_golden("bars-200", lines_of(bars(every_entry(), now, 200, 24, plain)));
}

TEST(Bars, InColourAndUnicode) {
    expect_golden("bars-colour", lines_of(bars(every_entry(), now, 120, 24, full)));
}

TEST(Bars, KeepToAnyWidth) {
    for (std::size_t columns = 8; columns <= 250; ++columns)
        for (const auto& line : bars(every_entry(), now, columns, 24, full))
            EXPECT_LE(columns_of(visible(line)), columns) << line;
}

TEST(Bars, AreAsWideAsTheTerminalForOneMove) {
    for (std::size_t columns = 40; columns <= 100; ++columns)
        EXPECT_EQ(columns_of(bars({moving()}, now, columns, 1, plain).front()), columns);
}

TEST(Bars, SayHowManyAreLeftOut) {
    const auto lines = bars(every_entry(), now, 80, 3, plain);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines.back(), "and 5 more");
}

TEST(Lines, OfProgressAndEnds) {
    std::string text;
    for (const auto& entry : every_entry())
        text += progress_line(entry, now) + "\n";
    for (const auto& entry : {completed(), failed()})
        text += ended_line(entry) + "\n";
    for (const auto ending : {overview::Ending::killed, overview::Ending::unknown,
                              overview::Ending::gone, overview::Ending::taken_over})
        text += ended_line(ended({.ending = ending, .signal = 9})) + "\n";
    expect_golden("lines", text);
}

TEST(Lines, AreNewsWithEachTenthAndState) {
    auto before = moving();
    auto later = before;
    later.bytes_done = *before.bytes_done + mebibyte;
    EXPECT_FALSE(is_news(before, later));
    later.bytes_done = *before.bytes_total / 2 + mebibyte;
    EXPECT_TRUE(is_news(before, later));
    later = before;
    later.waits_for = "waiting for its turn in vg0";
    EXPECT_TRUE(is_news(before, later));
}

TEST(Details, OfAllSorts) {
    std::string text;
    for (const auto& entry : every_entry())
        text += details(entry, now, plain) + "\n";
    expect_golden("details", text);
}

TEST(Json, OfAList) {
    expect_golden("list.json", list_json(under_way(), Teller::daemon, {}));
}

TEST(Json, OfAListByTheKernel) {
    expect_golden("list-kernel.json", list_json({unpolled()}, Teller::kernel, "No lvmpolld runs."));
}

TEST(Json, OfOne) {
    expect_golden("operation.json", operation_json(failed()));
}

TEST(Json, OfAWait) {
    expect_golden("wait.json", ended_json({completed(), failed(), merging()}, true));
}
