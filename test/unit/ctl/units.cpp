// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/units.h"
#include "ctl/screen.h"

#include <gtest/gtest.h>

using namespace lvmpolld::ctl;
using namespace std::chrono_literals;

TEST(Bytes, HaveThreeDigits) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(999), "999 B");
    EXPECT_EQ(bytes_text(1000), "1 KiB");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(bytes_text(std::uint64_t{100} << 30), "100 GiB");
    EXPECT_EQ(bytes_text(~std::uint64_t{0}), "16 EiB");
}

TEST(Percent, IsRoundedDown) {
    EXPECT_EQ(percent_text(999, 1000), "99%");
    EXPECT_EQ(percent_text(1000, 1000), "100%");
    EXPECT_EQ(percent_text(0, 7), "0%");
    EXPECT_EQ(percent_text(0, 0), "100%");
}

TEST(Duration, HasTwoUnits) {
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_EQ(duration_text(-3s), "0s");
    EXPECT_EQ(duration_text(200s), "3m20s");
    EXPECT_EQ(duration_text(2h + 5min), "2h05m");
    EXPECT_EQ(duration_text(99h), "4d03h");
}

TEST(Duration, IsParsed) {
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("90"), 90s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("1d"), 24h);
    for (const auto* const text :
         {"", "s", "-1s", "1.5h", "3x", "1 h", "10ms", "9999d", "99999999999999999999"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Timestamp, IsInUtc) {
    EXPECT_EQ(timestamp(0us), "1970-01-01T00:00:00Z");
    EXPECT_EQ(timestamp(1'764'124'184'999'999us), "2025-11-26T02:29:44Z");
}

TEST(Harmless, LeavesNothingToObey) {
    EXPECT_EQ(harmless("vg0/lv \xc3\xa4 \xe2\x86\x92"), "vg0/lv \xc3\xa4 \xe2\x86\x92");
    EXPECT_EQ(harmless("a\x1b[31m\n\x7f"), "a?[31m??");
    EXPECT_EQ(harmless("\xc2\x9b"), "?");                                     // C1: CSI
    EXPECT_EQ(harmless("\xff\xc3"), "??");                                    // no UTF-8
    EXPECT_EQ(harmless("\xe2\x86x"), "??x");                                  // cut off
    EXPECT_EQ(harmless("\xc0\xaf\xe0\x80\x80\xf0\x80\x80\x80"), "?????????"); // too long
    EXPECT_EQ(harmless("\xed\xa0\x80"), "???");                               // a surrogate
    EXPECT_EQ(harmless("\xf4\x90\x80\x80"), "????");                          // too large
    EXPECT_EQ(harmless("\xed\x9f\xbf\xf4\x8f\xbf\xbf"), "\xed\x9f\xbf\xf4\x8f\xbf\xbf");
}

TEST(Shortened, CountsCharacters) {
    EXPECT_EQ(shortened("pvmove0", 7), "pvmove0");
    EXPECT_EQ(shortened("pvmove0", 4), "pvm~");
    EXPECT_EQ(shortened("\xc3\xa4\xc3\xa4\xc3\xa4", 2), "\xc3\xa4~");
    EXPECT_EQ(shortened("ab", 0), "");
}

TEST(Screen, DrawsInTheSamePlace) {
    Screen screen;
    EXPECT_EQ(screen.frame({"one", "two"}, 80), "one\x1b[K\r\ntwo\x1b[K\r\n\x1b[J");
    EXPECT_EQ(screen.frame({"three"}, 80), "\r\x1b[2Athree\x1b[K\r\n\x1b[J");
    EXPECT_EQ(screen.frame({}, 80), "\r\x1b[1A\x1b[J");
    EXPECT_EQ(screen.frame({}, 80), "\x1b[J");
}

TEST(Screen, CountsRowsThatANarrowerOneHas) {
    Screen screen;
    screen.frame({std::string(80, 'x'), "\x1b[31mred\x1b[0m"}, 80);
    EXPECT_EQ(screen.frame({}, 30), "\r\x1b[4A\x1b[J");
}
