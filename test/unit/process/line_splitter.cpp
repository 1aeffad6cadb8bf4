// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/line_splitter.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto most = limits::output_line_bytes;

struct LineSplitterTest : testing::Test {
    std::vector<std::string> lines;
    LineSplitter splitter{[this](std::string_view line) { lines.emplace_back(line); }};
};

TEST_F(LineSplitterTest, CutsAtNewlines) {
    splitter.feed("one\ntwo\n\nfour\n");
    EXPECT_THAT(lines, ElementsAre("one", "two", "", "four"));
    splitter.finish();
    EXPECT_EQ(lines.size(), 4U);
}

TEST_F(LineSplitterTest, JoinsALineThatComesInPieces) {
    for (const char byte : std::string_view("ab\ncd"))
        splitter.feed({&byte, 1});
    EXPECT_THAT(lines, ElementsAre("ab"));
    splitter.feed("e\n");
    EXPECT_THAT(lines, ElementsAre("ab", "cde"));
}

TEST_F(LineSplitterTest, HandsOverWhatStandsAfterTheLastNewline) {
    splitter.feed("a\nrest");
    EXPECT_THAT(lines, ElementsAre("a"));
    splitter.finish();
    EXPECT_THAT(lines, ElementsAre("a", "rest"));
}

TEST_F(LineSplitterTest, NoOutputIsNoLine) {
    splitter.feed("");
    splitter.finish();
    EXPECT_THAT(lines, IsEmpty());
}

TEST_F(LineSplitterTest, FinishesOnce) {
    splitter.feed("rest");
    splitter.finish();
    splitter.finish();
    EXPECT_THAT(lines, ElementsAre("rest"));
}

TEST_F(LineSplitterTest, ALineOfTheLimitIsOne) {
    splitter.feed(std::string(most, 'x') + "\nnext\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x'), "next"));
}

TEST_F(LineSplitterTest, ALineOfTheLimitIsOneHoweverItComes) {
    splitter.feed(std::string(most - 1, 'x'));
    splitter.feed("x");
    EXPECT_THAT(lines, IsEmpty()) << "its newline may be next";
    splitter.feed("\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x')));
}

TEST_F(LineSplitterTest, ALongLineComesInPieces) {
    splitter.feed(std::string(2 * most + 1, 'x') + "\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x'), std::string(most, 'x'), "x"));
}

TEST_F(LineSplitterTest, AnEndlessLineIsHandedOverAsItComes) {
    std::size_t bytes = 0;
    for (int i = 0; i < 100; ++i) {
        splitter.feed(std::string(1000, 'x'));
        bytes += 1000;
        EXPECT_GE(lines.size() * most + most, bytes) << "what is held back is bounded";
    }
    splitter.finish();
    std::size_t handed_over = 0;
    for (const auto& line : lines)
        handed_over += line.size();
    EXPECT_EQ(handed_over, bytes);
}

TEST_F(LineSplitterTest, ReplacesControlCharacters) {
    splitter.feed(std::string_view("a\0b\x1b[31m\r\x7f\n", 11));
    EXPECT_THAT(lines, ElementsAre("a?b?[31m??"));
}

TEST_F(LineSplitterTest, KeepsTabsAndUtf8) {
    splitter.feed("a\tb\xc3\xa4\n");
    EXPECT_THAT(lines, ElementsAre("a\tb\xc3\xa4"));
}

} // namespace
} // namespace lvmpolld
