// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/leg_comparison.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace lvmpolld::verify {
namespace {

/// Its read number `hangs_at`, counted from 0, and all later ones wait for release(). The
/// first that waits requests a stop.
class HungLeg : public LegReader {
public:
    HungLeg(Extent extent, int hangs_at, std::stop_source stop)
        : LegReader(std::move(extent)), hangs_at_(hangs_at), stop_(std::move(stop)) {}

    std::optional<ReadFailure> read(std::uint64_t position, std::size_t length,
                                    Buffer& buffer) const override {
        if (reads_++ >= hangs_at_) {
            stop_.request_stop();
            released_.wait();
        }
        return LegReader::read(position, length, buffer);
    }

    void release() { released_.count_down(); }

private:
    const int hangs_at_;
    mutable std::atomic<int> reads_ = 0;
    mutable std::stop_source stop_;
    mutable std::latch released_{1};
};

constexpr std::uint64_t sectors = 16;

class HungLegTest : public testing::Test {
protected:
    HungLegTest() {
        std::string name = (std::filesystem::temp_directory_path() / "legs-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        directory_ = name;
    }

    ~HungLegTest() override { std::filesystem::remove_all(directory_); }

    Extent leg(const char* name, char content) const {
        std::ofstream(directory_ / name) << std::string(sectors * sector_bytes, content);
        return {directory_ / name, 0};
    }

    Outcome compare(char source, char copy, int hangs_at) const {
        const std::stop_source stop;
        const auto hung = std::make_shared<HungLeg>(leg("copy", copy), hangs_at, stop);
        const Legs legs{std::make_shared<LegReader>(leg("source", source)), hung};
        const auto pause = [](std::chrono::milliseconds, const std::stop_token& token) {
            return !token.stop_requested();
        };
        const Context context{BlockReader(legs), pause, [] { return true; },
                              [] { return std::chrono::milliseconds(0); }};
        const Outcome outcome = LegComparison(legs, sectors, context).run(stop.get_token());
        hung->release();
        return outcome;
    }

private:
    std::filesystem::path directory_;
};

TEST_F(HungLegTest, StopEndsTheComparison) {
    EXPECT_EQ(compare('a', 'a', 0), Outcome(Cancelled{}));
}

TEST_F(HungLegTest, StopEndsASettlement) {
    EXPECT_EQ(compare('a', 'b', 1), Outcome(Cancelled{}));
}

TEST_F(HungLegTest, LegThatDoesNotHangIsRead) {
    EXPECT_EQ(compare('a', 'a', 1), Outcome(Equal{sectors}));
}

} // namespace
} // namespace lvmpolld::verify
