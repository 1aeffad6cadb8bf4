// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/document_test.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace lvmpolld::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Document, ReadsARequestOfLvm) {
    const auto document =
        Document::parse("request = \"pvmove\"\nlvid = \"abc\"\ninterval = \"+15\"\nabort = 1\n");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().string("request"), "pvmove");
    EXPECT_EQ(document->root().string("lvid"), "abc");
    EXPECT_EQ(document->root().string("interval"), "+15");
    EXPECT_EQ(document->root().integer("abort"), 1);
}

TEST(Document, ReadsDoubleQuotedSingleQuotedAndBareStrings) {
    EXPECT_EQ(string("a = \"x y\"", "a"), "x y");
    EXPECT_EQ(string("a = 'x y'", "a"), "x y");
    EXPECT_EQ(string("a = x_y", "a"), "x_y");
    EXPECT_EQ(string("a=x\"y'z", "a"), "x\"y'z");
}

TEST(Document, EscapesOnlyQuoteAndBackslashInDoubleQuotes) {
    EXPECT_EQ(string(R"(a="x\"y")", "a"), R"(x"y)");
    EXPECT_EQ(string(R"(a="x\\y")", "a"), R"(x\y)");
    EXPECT_EQ(string(R"(a="x\ny\t")", "a"), R"(x\ny\t)");
    EXPECT_EQ(string(R"(a="\\\"")", "a"), R"(\")");
    EXPECT_EQ(string(R"(a='x\\y\"')", "a"), R"(x\\y\")");
}

TEST(Document, KeepsSeveralUnescapedStringsApart) {
    const auto document = Document::parse(R"("k\"1"="v\\1" b="v\"2" c=["\\","\"\""])");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().string("k\"1"), "v\\1");
    EXPECT_EQ(document->root().string("b"), "v\"2");
    EXPECT_THAT(document->root().strings("c"), ElementsAre("\\", "\"\""));
}

TEST(Document, DropsTheLastCharacterOfAnUnterminatedString) {
    EXPECT_EQ(string("a=\"xyz", "a"), "xy");
    EXPECT_EQ(string("a='xyz", "a"), "xy");
    EXPECT_EQ(string(R"(a="xy\")", "a"), R"(xy\)");
    EXPECT_EQ(string(R"(a="xy\\)", "a"), R"(xy\)");
    EXPECT_FALSE(parses("a=\""));
    EXPECT_FALSE(parses("a='"));
}

TEST(Document, TreatsAnEmptyStringAndAnotherTypeAsAbsent) {
    EXPECT_EQ(string("a=\"\"", "a"), std::nullopt);
    EXPECT_EQ(string("a=5", "a"), std::nullopt);
    EXPECT_EQ(string("a=1.5", "a"), std::nullopt);
    EXPECT_EQ(string("a=[]", "a"), std::nullopt);
    EXPECT_EQ(string("a { b=c }", "a"), std::nullopt);
    EXPECT_EQ(integer64("a=\"5\"", "a"), std::nullopt);
    EXPECT_EQ(integer64("a=1.5", "a"), std::nullopt);
    EXPECT_EQ(integer64("a=[]", "a"), std::nullopt);
    EXPECT_EQ(integer64("a {}", "a"), std::nullopt);
    EXPECT_EQ(integer64("a=1", "b"), std::nullopt);
}

TEST(Document, FirstOfARepeatedKeyWinsWhateverItsType) {
    EXPECT_EQ(string("a=x a=y", "a"), "x");
    EXPECT_EQ(string("a=\"\" a=y", "a"), std::nullopt);
    EXPECT_EQ(string("a=5 a=y", "a"), std::nullopt);
    EXPECT_EQ(string("a/b=x a/c=y", "a/c"), std::nullopt);
    EXPECT_EQ(string("a { b=x } a { c=y }", "a/c"), std::nullopt);
    EXPECT_EQ(string("a {} a=y", "a"), std::nullopt);
}

TEST(Document, AListReadsAsItsFirstElement) {
    EXPECT_EQ(string("a=[\"x\",\"y\"]", "a"), "x");
    EXPECT_EQ(string("a=[1,\"y\"]", "a"), std::nullopt);
    EXPECT_EQ(integer64("a=[1,\"y\"]", "a"), 1);
}

TEST(Document, ListElementsNeedNoComma) {
    EXPECT_TRUE(parses("a=[\"x\" \"y\"]"));
    EXPECT_TRUE(parses("a=[\"x\",]"));
    EXPECT_TRUE(parses("a=[ ]"));
    EXPECT_FALSE(parses("a=[,]"));
    EXPECT_FALSE(parses("a=[\"x\",,\"y\"]"));
    EXPECT_FALSE(parses("a=[\"x\""));
    EXPECT_FALSE(parses("a=[1 2]"));
    EXPECT_FALSE(parses("a=[[1]]"));
}

TEST(Document, ABareWordTakesPunctuationWithIt) {
    EXPECT_EQ(string("a=x,y", "a"), "x,y");
    EXPECT_EQ(string("a=[x ]", "a"), "x");
    EXPECT_FALSE(parses("a=[x]"));
    EXPECT_FALSE(parses("a=[x, y ]"));
    EXPECT_EQ(string("a{b=x}", "a/b"), "x");
    EXPECT_FALSE(parses("a=b=c"));
}

TEST(Document, GivesTheStringsOfAList) {
    const auto document = Document::parse("a=[\"x\", 1, \"\", 'y'] b=z c=[] d=5");
    ASSERT_TRUE(document);
    EXPECT_THAT(document->root().strings("a"), ElementsAre("x", "", "y"));
    EXPECT_THAT(document->root().strings("b"), ElementsAre("z"));
    EXPECT_THAT(document->root().strings("c"), IsEmpty());
    EXPECT_THAT(document->root().strings("d"), IsEmpty());
    EXPECT_THAT(document->root().strings("e"), IsEmpty());
}

TEST(Document, ReadsSectionsAndPaths) {
    EXPECT_EQ(string("a { b { c=x } }", "a/b/c"), "x");
    EXPECT_EQ(string("a/b { c=x }", "a/b/c"), "x");
    EXPECT_EQ(string("a/b/c=x", "a/b/c"), "x");
    EXPECT_EQ(string("\"a/b\"=x", "a/b"), "x");
    EXPECT_EQ(string("//a//b=x", "/a///b"), "x");
    EXPECT_EQ(string("a/=x", "a/"), "x");
    EXPECT_EQ(string("/=x", ""), "x");
    EXPECT_EQ(string("a/b=x", "a"), std::nullopt);
    EXPECT_EQ(string("a=x", "a/b"), std::nullopt);
    EXPECT_EQ(string("a { b=x } c=y", "c"), "y");
}

TEST(Document, RefusesUnbalancedSections) {
    EXPECT_FALSE(parses("a {"));
    EXPECT_FALSE(parses("a { b=1"));
    EXPECT_FALSE(parses("a }"));
    EXPECT_FALSE(parses("}"));
    EXPECT_FALSE(parses("a=1 }"));
    EXPECT_FALSE(parses("{}"));
}

TEST(Document, RefusesAnEmptyKeyAndAMissingValue) {
    EXPECT_FALSE(parses("\"\"=1"));
    EXPECT_FALSE(parses("''=1"));
    EXPECT_FALSE(parses("=1"));
    EXPECT_FALSE(parses("a"));
    EXPECT_FALSE(parses("a="));
    EXPECT_FALSE(parses("a={}"));
    EXPECT_FALSE(parses("a=]"));
}

TEST(Document, RefusesATextWithoutEntries) {
    EXPECT_FALSE(parses(""));
    EXPECT_FALSE(parses(" \n\t"));
    EXPECT_FALSE(parses("# nothing"));
    EXPECT_TRUE(parses("a {}"));
}

TEST(Document, ReadsQuotedKeys) {
    EXPECT_EQ(string("\"a b\"=x", "a b"), "x");
    EXPECT_EQ(string("'a b' { c=x }", "a b/c"), "x");
    EXPECT_EQ(string(R"("a\"b"=x)", "a\"b"), "x");
}

TEST(Document, SkipsCommentsAndEveryKindOfBlank) {
    EXPECT_EQ(string("# a=1\na=x#y\nb=z", "a"), "x");
    EXPECT_EQ(string("# a=1\na=x#y\nb=z", "b"), "z");
    EXPECT_EQ(string("\v\f\r\ta \v=\f x\r", "a"), "x");
    EXPECT_EQ(string("a=\"x#y\"", "a"), "x#y");
    EXPECT_EQ(string("a=1##\nb=x", "b"), "x");
}

TEST(Document, TakesBytesAbove127AsLetters) {
    EXPECT_EQ(string("\xc3\xa4=\xa0\x85", "\xc3\xa4"), "\xa0\x85");
}

TEST(Document, IgnoresWhatFollowsNul) {
    EXPECT_EQ(string(std::string_view("a=x\0 b={", 9), "a"), "x");
    EXPECT_EQ(string(std::string_view("a=\"xyz\0\"", 8), "a"), "xy");
    EXPECT_FALSE(parses(std::string_view("\0a=1", 4)));
}

TEST(Document, WalksSectionsInTheOrderOfTheText) {
    const auto document = Document::parse("x { b=1 } v=5 a/c { b=2 } x { b=3 }");
    ASSERT_TRUE(document);
    const auto sections = document->root().sections();
    ASSERT_EQ(sections.size(), 3U);
    EXPECT_EQ(sections[0].key(), "x");
    EXPECT_EQ(sections[0].integer("b"), 1);
    EXPECT_EQ(sections[1].key(), "a");
    EXPECT_EQ(sections[1].integer("c/b"), 2);
    ASSERT_EQ(sections[1].sections().size(), 1U);
    EXPECT_EQ(sections[1].sections()[0].key(), "c");
    EXPECT_EQ(sections[2].integer("b"), 3);
    EXPECT_THAT(sections[2].sections(), IsEmpty());
}

TEST(Document, IsBoundInItsDepth) {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i)
            text += "a {";
        text += "b=1";
        return text + std::string(depth, '}');
    };
    EXPECT_TRUE(parses(nested(limits::section_depth)));
    EXPECT_FALSE(parses(nested(limits::section_depth + 1)));
    EXPECT_FALSE(parses(nested(100'000)));
}

TEST(Document, CountsEachSegmentOfAPathAsDepth) {
    const auto path = [](std::size_t sections) {
        std::string text;
        for (std::size_t i = 0; i < sections; ++i)
            text += "a/";
        return text;
    };
    EXPECT_TRUE(parses(path(limits::section_depth) + "b=1"));
    EXPECT_FALSE(parses(path(limits::section_depth + 1) + "b=1"));
    EXPECT_TRUE(parses(path(limits::section_depth - 1) + "b {}"));
    EXPECT_FALSE(parses(path(limits::section_depth) + "b {}"));
    EXPECT_TRUE(parses("a { b {} } " + path(limits::section_depth) + "b=1"));
}

TEST(Document, StaysValidWhenMoved) {
    auto first = Document::parse(R"(a="x\"y" b=z)");
    ASSERT_TRUE(first);
    const Document second = std::move(*first);
    EXPECT_EQ(second.root().string("a"), "x\"y");
    EXPECT_EQ(second.root().string("b"), "z");
}

} // namespace
} // namespace lvmpolld::config
