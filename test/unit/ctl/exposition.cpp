// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/exposition.h"

#include <gtest/gtest.h>

#include <limits>

using namespace lvmpolld::ctl;

namespace {

using Format = Exposition::Format;
using Type = Exposition::Type;

constexpr Exposition::Family bytes{
    .name = "a_bytes", .type = Type::counter, .unit = "bytes", .help = "Bytes."};
constexpr Exposition::Family seconds{
    .name = "b_seconds", .type = Type::histogram, .unit = "seconds", .help = "How long."};
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string text_in(Format format) {
    Exposition text(format);
    text.begin(bytes);
    text.add({{"from", "x"}, {"to", ""}}, std::uint64_t{7});
    text.begin(seconds);
    text.add_histogram({{0.0001, 1}, {1, 3}, {infinity, 4}}, 12.5);
    return text.finish();
}

} // namespace

TEST(Exposition, AsOpenMetrics) {
    EXPECT_EQ(text_in(Format::openmetrics), "# TYPE a_bytes counter\n"
                                            "# UNIT a_bytes bytes\n"
                                            "# HELP a_bytes Bytes.\n"
                                            "a_bytes_total{from=\"x\"} 7\n"
                                            "# TYPE b_seconds histogram\n"
                                            "# UNIT b_seconds seconds\n"
                                            "# HELP b_seconds How long.\n"
                                            "b_seconds_bucket{le=\"0.0001\"} 1\n"
                                            "b_seconds_bucket{le=\"1.0\"} 3\n"
                                            "b_seconds_bucket{le=\"+Inf\"} 4\n"
                                            "b_seconds_sum 12.5\n"
                                            "b_seconds_count 4\n"
                                            "# EOF\n");
}

TEST(Exposition, InPrometheusOwnFormat) {
    EXPECT_EQ(text_in(Format::prometheus), "# TYPE a_bytes_total counter\n"
                                           "# HELP a_bytes_total Bytes.\n"
                                           "a_bytes_total{from=\"x\"} 7\n"
                                           "# TYPE b_seconds histogram\n"
                                           "# HELP b_seconds How long.\n"
                                           "b_seconds_bucket{le=\"0.0001\"} 1\n"
                                           "b_seconds_bucket{le=\"1.0\"} 3\n"
                                           "b_seconds_bucket{le=\"+Inf\"} 4\n"
                                           "b_seconds_sum 12.5\n"
                                           "b_seconds_count 4\n");
}

TEST(Exposition, AFamilyWithoutSamplesIsLeftOut) {
    Exposition text(Format::openmetrics);
    text.begin(bytes);
    text.begin(seconds);
    text.add_histogram({}, 0);
    EXPECT_EQ(text.finish(), "# EOF\n");
}

TEST(Exposition, OfEqualSamplesTheFirstStays) {
    Exposition text(Format::prometheus);
    text.begin(bytes);
    text.add({{"from", "x"}}, std::uint64_t{1});
    text.add({{"from", "x"}, {"to", ""}}, std::uint64_t{2});
    text.add({{"from", "y"}}, std::uint64_t{3});
    const auto lines = text.finish();
    EXPECT_NE(lines.find("a_bytes_total{from=\"x\"} 1\n"), lines.npos);
    EXPECT_NE(lines.find("a_bytes_total{from=\"y\"} 3\n"), lines.npos);
    EXPECT_EQ(lines.find("} 2\n"), lines.npos);
}

TEST(Exposition, LabelValuesAreEscaped) {
    EXPECT_EQ(label_value("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    EXPECT_EQ(label_value("\xc3\xa4\xff\xed\xa0\x80"), "\xc3\xa4????"); // a surrogate is no UTF-8
}

TEST(Exposition, NumbersLoseNothing) {
    EXPECT_EQ(number_text(0), "0");
    EXPECT_EQ(number_text(0.4273), "0.4273");
    EXPECT_EQ(number_text(1764124184.123456), "1764124184.123456");
    EXPECT_EQ(number_text(infinity), "+Inf");
    Exposition text(Format::prometheus);
    text.begin({.name = "c", .help = "C."});
    text.add({}, std::numeric_limits<std::uint64_t>::max());
    EXPECT_NE(text.finish().find("c 18446744073709551615\n"), std::string::npos);
}
