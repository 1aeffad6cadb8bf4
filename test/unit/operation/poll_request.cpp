// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/poll_request.h"

#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

using std::chrono::seconds;

TEST(OperationType, NamesAreReadBack) {
    for (const auto type : {OperationType::pvmove, OperationType::convert, OperationType::merge,
                            OperationType::merge_thin})
        EXPECT_EQ(operation_type(name(type)), type);
    EXPECT_EQ(name(OperationType::merge_thin), "merge_thin");
    EXPECT_EQ(operation_type("Pvmove"), std::nullopt);
    EXPECT_EQ(operation_type(""), std::nullopt);
}

TEST(Interval, KeepsTheTextAndReadsTheSeconds) {
    EXPECT_EQ(Interval::parse("15"), (Interval{"15", false, seconds(15)}));
    EXPECT_EQ(Interval::parse("+15"), (Interval{"+15", true, seconds(15)}));
    EXPECT_EQ(Interval::parse("0"), (Interval{"0", false, seconds(0)}));
    EXPECT_EQ(Interval::parse("010"), (Interval{"010", false, seconds(10)}));
}

TEST(Interval, Saturates) {
    EXPECT_EQ(Interval::parse("4294967295")->seconds, seconds(4294967295));
    EXPECT_EQ(Interval::parse("4294967296")->seconds, seconds(4294967295));
    EXPECT_EQ(Interval::parse("+99999999999999999999999999")->seconds, seconds(4294967295));
}

TEST(Interval, IsDigitsOnly) {
    for (const auto* text :
         {"", "+", "++1", "-1", " 15", "15 ", "15s", "1.5", "0x10", "+ 5", "one"})
        EXPECT_EQ(Interval::parse(text), std::nullopt) << text;
}

} // namespace
} // namespace lvmpolld
