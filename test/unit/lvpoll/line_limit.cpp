// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/line_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct LineLimitTest : testing::Test {
    /// How many of so many lines are shown now.
    unsigned shown(unsigned lines) {
        unsigned count = 0;
        while (lines-- > 0)
            count += limit.shows(now) ? 1U : 0U;
        return count;
    }

    LineLimit<std::string> limit;
    LineLimit<std::string>::TimePoint now{1h};
    const unsigned most = limits::output_lines_per_second;
};

TEST_F(LineLimitTest, ShowsSoManyInASecond) {
    EXPECT_EQ(shown(most), most);
    EXPECT_EQ(shown(10), 0U);
    now += 999ms;
    EXPECT_EQ(shown(10), 0U);
    now += 1ms;
    EXPECT_EQ(shown(2 * most), most);
}

TEST_F(LineLimitTest, ACalmSecondSavesNothingForTheNext) {
    EXPECT_EQ(shown(1), 1U);
    now += 10s;
    EXPECT_EQ(shown(2 * most), most);
}

TEST_F(LineLimitTest, CountsWhatSomebodyWouldHaveRead) {
    limit.leave_out("a", true);
    limit.leave_out("b", false);
    const auto left_out = limit.take_left_out();
    EXPECT_EQ(left_out.count, 1U);
    EXPECT_THAT(left_out.last, ElementsAre("a", "b"));
    EXPECT_EQ(limit.take_left_out().count, 0U);
    EXPECT_THAT(limit.take_left_out().last, IsEmpty());
}

TEST_F(LineLimitTest, KeepsTheLastOnes) {
    for (int line = 0; line < 20; ++line)
        limit.leave_out(std::to_string(line), true);
    const auto left_out = limit.take_left_out();
    EXPECT_EQ(left_out.count, 20U);
    EXPECT_EQ(left_out.last.size(), limits::shown_output_lines);
    EXPECT_EQ(left_out.last.back(), "19");
}

} // namespace
} // namespace lvmpolld
