// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/writer.h"

#include "config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lvmpolld::config {
namespace {

using testing::ElementsAreArray;

TEST(Writer, WritesOneEntryALineIndentedBySection) {
    const std::vector<std::string> list{"x", "y"};
    const auto text = Writer()
                          .entry("a", "b")
                          .section("c")
                          .entry("d", 5)
                          .section("e")
                          .entry("f", list)
                          .end()
                          .end()
                          .entry("g", std::span<const std::string>())
                          .text();
    EXPECT_EQ(text, "a = \"b\"\nc {\n\td = 5\n\te {\n\t\tf = [\"x\", \"y\"]\n\t}\n}\ng = []\n");
}

TEST(Writer, WhatItWritesIsReadBackAsItWas) {
    const std::vector<std::string> strings{"plain", "with \"quotes\"", "back\\slash\\",
                                           "\\\"",  "two\nlines",      "# none",
                                           "'",     "\x01\xff"};
    for (const auto& string : strings) {
        const auto text =
            Writer().entry("key", string).section("s").entry("key", string).end().text();
        const auto document = Document::parse(text);
        ASSERT_TRUE(document) << text;
        EXPECT_EQ(document->root().string("key"), string);
        EXPECT_EQ(document->root().string("s/key"), string);
    }
    const auto text = Writer().entry("list", strings).text();
    const auto document = Document::parse(text);
    ASSERT_TRUE(document);
    EXPECT_THAT(document->root().strings("list"), ElementsAreArray(strings));
}

TEST(Writer, QuotesKeysThatAreNoPlainWords) {
    for (const std::string key : {"a b", "a=b", "\"", "\\", "#", "{", "a,b", ".", "'"}) {
        const auto text = Writer().section(key).entry(key, "value").end().text();
        const auto document = Document::parse(text);
        ASSERT_TRUE(document) << text;
        ASSERT_EQ(document->root().sections().size(), 1U);
        EXPECT_EQ(document->root().sections()[0].key(), key);
        EXPECT_EQ(document->root().sections()[0].string(key), "value");
    }
}

TEST(Writer, ExtremeIntegersAreReadBack) {
    for (const auto number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                              std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
        const auto text = Writer().entry("n", number).text();
        const auto document = Document::parse(text);
        ASSERT_TRUE(document) << text;
        EXPECT_EQ(document->root().integer64("n"), number);
    }
}

} // namespace
} // namespace lvmpolld::config
