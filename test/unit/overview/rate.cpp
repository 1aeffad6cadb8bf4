// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/rate.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

using namespace std::chrono_literals;

namespace lvmpolld::overview {

namespace {

struct Sample {
    Rate::Time at;
    std::uint64_t done;
};

struct Case {
    const char* what;
    std::vector<Sample> samples;
    std::optional<std::uint64_t> bytes_per_second;
};

const Case cases[] = {
    {"nothing", {}, std::nullopt},
    {"one sample", {{0s, 0}}, std::nullopt},
    {"two samples", {{0s, 0}, {1s, 100}}, std::nullopt},
    {"two samples that are far apart", {{0s, 0}, {10s, 1000}}, 100},
    {"three samples", {{0s, 0}, {1s, 100}, {2s, 400}}, 200},
    {"three samples at once", {{1s, 0}, {1s, 100}, {1s, 400}}, std::nullopt},
    {"nothing moves", {{0s, 50}, {1s, 50}, {2s, 50}}, 0},
    {"less than before begins anew", {{0s, 900}, {1s, 950}, {2s, 0}, {3s, 10}}, std::nullopt},
    {"and goes on", {{0s, 900}, {1s, 950}, {2s, 0}, {3s, 10}, {4s, 20}}, 10},
    {"rare samples: the last three", {{0s, 0}, {15s, 0}, {30s, 300}, {45s, 600}}, 20},
    {"what is older than the window is forgotten",
     {{0s, 0}, {2s, 2000}, {4s, 2010}, {8s, 2030}, {12s, 2050}, {14s, 2060}},
     5},
};

} // namespace

TEST(Rate, IsTheMeanOfTheWindow) {
    for (const auto& [what, samples, expected] : cases) {
        Rate rate;
        for (const auto& [at, done] : samples)
            rate.sample(at, done);
        EXPECT_EQ(rate.bytes_per_second(), expected) << what;
    }
}

TEST(Rate, SpansTheWindowHoweverDenseTheSamples) {
    Rate rate;
    for (int tick = 0; tick <= 1000; ++tick) // 10 bytes each 10 ms, of which the first 5 s are fast
        rate.sample(tick * 20ms, tick < 250 ? std::uint64_t(tick) * 1000
                                            : 249'000 + std::uint64_t(tick - 249) * 10);
    EXPECT_NEAR(static_cast<double>(rate.bytes_per_second().value_or(0)), 500, 10);
}

TEST(Rate, ForeseesTheEnd) {
    Rate rate;
    rate.sample(0s, 0);
    rate.sample(1s, 100);
    EXPECT_EQ(rate.time_for(1000), std::nullopt);
    rate.sample(2s, 200);
    EXPECT_EQ(rate.time_for(1000), 10s);
    EXPECT_EQ(rate.time_for(0), 0s);
}

TEST(Rate, ForeseesNoEndWhileNothingMoves) {
    Rate rate;
    for (const auto at : {0s, 1s, 2s})
        rate.sample(at, 7);
    EXPECT_EQ(rate.time_for(1000), std::nullopt);
}

} // namespace lvmpolld::overview
