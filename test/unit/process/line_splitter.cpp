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
    LineSplitter splitter;

    void feed(std::string_view bytes) { splitter.feed(bytes, take); }

    void finish() { splitter.finish(take); }

    const LineSplitter::Line take = [this](std::string_view line) { lines.emplace_back(line); };
};

TEST_F(LineSplitterTest, CutsAtNewlines) {
    feed("one\ntwo\n\nfour\n");
    EXPECT_THAT(lines, ElementsAre("one", "two", "", "four"));
    finish();
    EXPECT_EQ(lines.size(), 4U);
}

TEST_F(LineSplitterTest, JoinsALineThatComesInPieces) {
    for (const char byte : std::string_view("ab\ncd"))
        feed({&byte, 1});
    EXPECT_THAT(lines, ElementsAre("ab"));
    feed("e\n");
    EXPECT_THAT(lines, ElementsAre("ab", "cde"));
}

TEST_F(LineSplitterTest, HandsOverWhatStandsAfterTheLastNewline) {
    feed("a\nrest");
    EXPECT_THAT(lines, ElementsAre("a"));
    finish();
    EXPECT_THAT(lines, ElementsAre("a", "rest"));
}

TEST_F(LineSplitterTest, NoOutputIsNoLine) {
    feed("");
    finish();
    EXPECT_THAT(lines, IsEmpty());
}

TEST_F(LineSplitterTest, FinishesOnce) {
    feed("rest");
    finish();
    finish();
    EXPECT_THAT(lines, ElementsAre("rest"));
}

TEST_F(LineSplitterTest, ALineOfTheLimitIsOne) {
    feed(std::string(most, 'x') + "\nnext\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x'), "next"));
}

TEST_F(LineSplitterTest, ALineOfTheLimitIsOneHoweverItComes) {
    feed(std::string(most - 1, 'x'));
    feed("x");
    EXPECT_THAT(lines, IsEmpty()) << "its newline may be next";
    feed("\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x')));
}

TEST_F(LineSplitterTest, ALongLineComesInPieces) {
    feed(std::string(2 * most + 1, 'x') + "\n");
    EXPECT_THAT(lines, ElementsAre(std::string(most, 'x'), std::string(most, 'x'), "x"));
}

TEST_F(LineSplitterTest, AnEndlessLineIsHandedOverAsItComes) {
    std::size_t bytes = 0;
    for (int i = 0; i < 100; ++i) {
        feed(std::string(1000, 'x'));
        bytes += 1000;
        EXPECT_GE(lines.size() * most + most, bytes) << "what is held back is bounded";
    }
    finish();
    std::size_t handed_over = 0;
    for (const auto& line : lines)
        handed_over += line.size();
    EXPECT_EQ(handed_over, bytes);
}

TEST_F(LineSplitterTest, ReplacesControlCharacters) {
    feed(std::string_view("a\0b\x1b[31m\r\x7f\n", 11));
    EXPECT_THAT(lines, ElementsAre("a?b?[31m??"));
}

TEST_F(LineSplitterTest, KeepsTabsAndUtf8) {
    feed("a\tb\xc3\xa4\n");
    EXPECT_THAT(lines, ElementsAre("a\tb\xc3\xa4"));
}

} // namespace
} // namespace lvmpolld
