// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/writes_under_way.h"

#include <gtest/gtest.h>

namespace lvmpolld::verify {
namespace {

TEST(WritesUnderWay, AreTheSecondFigure) {
    for (const auto* text : {"       0        0\n", "      17        0\n", "3 0"})
        EXPECT_TRUE(tells_no_writes(text)) << text;
    for (const auto* text : {"       0        1\n", "       0       10\n"})
        EXPECT_FALSE(tells_no_writes(text)) << text;
}

TEST(WritesUnderWay, WhatCannotBeReadMayBeSome) {
    for (const auto* text : {"", "0", "0 ", "0\n", "x 0", "0 x", "-1 0"})
        EXPECT_FALSE(tells_no_writes(text)) << text;
    EXPECT_FALSE(WritesUnderWay("/dev/null").none()) << "no block device";
}

} // namespace
} // namespace lvmpolld::verify
