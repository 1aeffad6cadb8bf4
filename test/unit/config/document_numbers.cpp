// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/document_test.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace lvmpolld::config {
namespace {

TEST(Document, ReadsDecimalAndOctalIntegers) {
    EXPECT_EQ(integer64("a=15", "a"), 15);
    EXPECT_EQ(integer64("a=+15", "a"), 15);
    EXPECT_EQ(integer64("a=-15", "a"), -15);
    EXPECT_EQ(integer64("a=010", "a"), 8);
    EXPECT_EQ(integer64("a=-010", "a"), -8);
    EXPECT_EQ(integer64("a=0", "a"), 0);
    EXPECT_EQ(integer64("a=08", "a"), 0);
    EXPECT_EQ(integer64("a=0179", "a"), 15);
}

TEST(Document, ASignWithoutDigitsIsZero) {
    EXPECT_EQ(integer64("a=-", "a"), 0);
    EXPECT_EQ(integer64("a=+ ", "a"), 0);
    EXPECT_FALSE(parses("a=+-5"));
    EXPECT_FALSE(parses("a=- 5"));
}

TEST(Document, HexadecimalFailsUnlessAKeyFollows) {
    EXPECT_FALSE(parses("a=0x1"));
    EXPECT_FALSE(parses("a=[0x1]"));
    EXPECT_EQ(integer64("a=0x1F=7", "a"), 31);
    EXPECT_EQ(integer64("a=0x1F=7", "x1F"), 7);
    EXPECT_EQ(integer64("a=0xg=7", "a"), 0);
    EXPECT_EQ(integer64("a=-0X10{}", "a"), -16);
}

TEST(Document, AnIntegerOutOf64BitsFails) {
    EXPECT_EQ(integer64("a=9223372036854775807", "a"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(integer64("a=-9223372036854775808", "a"), std::numeric_limits<std::int64_t>::min());
    EXPECT_FALSE(parses("a=9223372036854775808"));
    EXPECT_FALSE(parses("a=-9223372036854775809"));
    EXPECT_FALSE(parses("a=99999999999999999999999999"));
    EXPECT_FALSE(parses("a=0xfffffffffffffffff=1"));
    EXPECT_EQ(integer64("creation_time=99999999999999999999", "creation_time"), 1527120000);
}

TEST(Document, AnIntegerTruncatesTo32Bits) {
    const auto document = Document::parse("a=4294967297 b=4294967296 c=2147483648 d=-1");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().integer("a"), 1);
    EXPECT_EQ(document->root().integer("b"), 0);
    EXPECT_EQ(document->root().integer("c"), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(document->root().integer("d"), -1);
    EXPECT_EQ(document->root().integer64("a"), 4294967297);
}

TEST(Document, RealsAreReadButOutOfRangeFails) {
    EXPECT_TRUE(parses("a=1.5"));
    EXPECT_TRUE(parses("a=."));
    EXPECT_TRUE(parses("a=-.5"));
    EXPECT_TRUE(parses("a=1."));
    EXPECT_TRUE(parses("a=1.5e5=1"));
    EXPECT_FALSE(parses("a=1.5e5"));
    EXPECT_FALSE(parses("a=1.2.3"));
    EXPECT_FALSE(parses("a=1.5e999=1"));
    EXPECT_FALSE(parses("a=1.5e-999=1"));
    EXPECT_FALSE(parses("a=" + std::string(400, '9') + ".0"));
}

} // namespace
} // namespace lvmpolld::config
