// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/leg_comparison.h"

#include "verify/read_ahead.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace lvmpolld::verify {
namespace {

namespace fs = std::filesystem;

/// Two legs as files, the second with the first one's content from another sector on.
class LegComparisonTest : public testing::Test {
protected:
    static constexpr std::uint64_t source_sector = 8;
    static constexpr std::uint64_t copy_sector = 13;

    LegComparisonTest() {
        std::string name = (fs::temp_directory_path() / "legs-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        directory_ = name;
    }

    ~LegComparisonTest() override { fs::remove_all(directory_); }

    static std::string content(std::uint64_t sectors) {
        std::string text;
        for (std::uint64_t i = 0; i < sectors * sector_bytes / sizeof i; ++i)
            text.append(reinterpret_cast<const char*>(&i), sizeof i);
        return text;
    }

    /// Files of exactly the length that is needed.
    void make_legs(std::uint64_t sectors) {
        sectors_ = sectors;
        std::ofstream(source_.device, std::ios::binary)
            << std::string(source_sector * sector_bytes, 's') << content(sectors);
        std::ofstream(copy_.device, std::ios::binary)
            << std::string(copy_sector * sector_bytes, 'c') << content(sectors);
    }

    /// Overwrites the start of a leg's sector.
    static void write(const Extent& leg, std::uint64_t sector, const std::string& text) {
        std::fstream file(leg.device, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>((leg.sector + sector) * sector_bytes));
        file << text;
    }

    static bool never_pause(std::chrono::milliseconds, const std::stop_token& stop) {
        return !stop.stop_requested();
    }

    LegComparison comparison(Pause pause = never_pause) {
        return {{source_, copy_}, sectors_, std::move(pause)};
    }

    Outcome compare(Pause pause = never_pause) { return comparison(std::move(pause)).run({}); }

    fs::path directory_;
    Extent source_{{}, source_sector};
    Extent copy_{{}, copy_sector};
    std::uint64_t sectors_ = 0;

    void SetUp() override {
        source_.device = directory_ / "source";
        copy_.device = directory_ / "copy";
    }
};

constexpr std::uint64_t slice_sectors = slice_bytes / sector_bytes;

TEST_F(LegComparisonTest, EqualLegsAreEqualWhateverTheirLength) {
    for (const std::uint64_t sectors :
         {std::uint64_t{1}, std::uint64_t{9}, slice_sectors - 1, slice_sectors, slice_sectors + 1,
          9 * slice_sectors, 9 * slice_sectors + 3}) {
        make_legs(sectors);
        LegComparison legs = comparison();
        EXPECT_EQ(legs.run({}), Outcome(Equal{sectors}));
    }
}

TEST_F(LegComparisonTest, OneDifferingSectorIsFoundAndPlaced) {
    make_legs(3 * slice_sectors);
    for (const std::uint64_t sector :
         {std::uint64_t{0}, slice_sectors + 11, 3 * slice_sectors - 1}) {
        make_legs(3 * slice_sectors);
        write(copy_, sector, "x");
        EXPECT_EQ(compare(), Outcome(Different{{source_.device, source_sector + sector},
                                               {copy_.device, copy_sector + sector},
                                               1}));
    }
}

TEST_F(LegComparisonTest, AllDifferingSectorsOfTheSliceAreCounted) {
    make_legs(slice_sectors);
    write(copy_, 100, std::string(30 * sector_bytes, 'x'));
    EXPECT_EQ(std::get<Different>(compare()).sectors, 30U);
}

TEST_F(LegComparisonTest, AThirdLegIsComparedToo) {
    make_legs(10);
    const Extent third{directory_ / "third", copy_sector};
    fs::copy_file(copy_.device, third.device);
    write(third, 9, "x");
    EXPECT_EQ(LegComparison({source_, copy_, third}, sectors_, never_pause).run({}),
              Outcome(Different{
                  {source_.device, source_sector + 9}, {third.device, copy_sector + 9}, 1}));
}

TEST_F(LegComparisonTest, AWriteInFlightIsNoDifference) {
    make_legs(2 * slice_sectors);
    write(source_, 5, "new");
    write(source_, slice_sectors + 5, "new");
    int pauses = 0;
    const auto pause = [&](std::chrono::milliseconds, const std::stop_token&) {
        if (++pauses == 3)
            write(copy_, 5, "new");
        if (pauses == 5)
            write(copy_, slice_sectors + 5, "new");
        return true;
    };
    EXPECT_EQ(compare(pause), Outcome(Equal{2 * slice_sectors}));
    EXPECT_EQ(pauses, 5);
}

TEST_F(LegComparisonTest, ABlockUnderConstantWritesIsNoDifference) {
    make_legs(10);
    write(source_, 5, "write 1");
    int writes = 1;
    const auto pause = [&](std::chrono::milliseconds, const std::stop_token&) {
        write(copy_, 5, "write " + std::to_string(writes)); // late by one write, always
        write(source_, 5, "write " + std::to_string(++writes));
        return true;
    };
    EXPECT_EQ(compare(pause), Outcome(Equal{10}));
}

TEST_F(LegComparisonTest, PausesGrowAndEnd) {
    make_legs(10);
    write(copy_, 5, "x");
    std::vector<std::chrono::milliseconds> pauses;
    const auto pause = [&](std::chrono::milliseconds duration, const std::stop_token&) {
        pauses.push_back(duration);
        return true;
    };
    EXPECT_TRUE(std::holds_alternative<Different>(compare(pause)));
    EXPECT_GE(pauses.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(pauses));
    EXPECT_LE(pauses.back(), std::chrono::seconds(2));
}

TEST_F(LegComparisonTest, ALegThatEndsTooEarlyIsUnreadableThere) {
    make_legs(2 * slice_sectors);
    fs::resize_file(copy_.device, (copy_sector + slice_sectors) * sector_bytes);
    const Unreadable unreadable = std::get<Unreadable>(compare());
    EXPECT_EQ(unreadable.at.device, copy_.device);
    EXPECT_EQ(unreadable.error, EIO);
    EXPECT_LE(unreadable.at.sector, copy_sector + slice_sectors);
    EXPECT_GT(unreadable.at.sector + 8,
              copy_sector + slice_sectors); // a block of the file is read as one
}

TEST_F(LegComparisonTest, ALegThatCannotBeOpenedIsUnreadableAtItsStart) {
    make_legs(10);
    fs::remove(copy_.device);
    EXPECT_EQ(compare(), Outcome(Unreadable{copy_, ENOENT}));
}

/// No descriptor can be opened during its life.
class WithoutDescriptors {
public:
    WithoutDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }

    ~WithoutDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

    WithoutDescriptors(const WithoutDescriptors&) = delete;
    WithoutDescriptors& operator=(const WithoutDescriptors&) = delete;

private:
    rlimit before_{};
};

TEST_F(LegComparisonTest, NothingIsFoundOutWithoutDescriptors) {
    make_legs(10);
    ASSERT_EQ(compare(), Outcome(Equal{10})) << "a sanitizer looks at a type first with a pipe";
    const WithoutDescriptors none;
    EXPECT_EQ(compare(), Outcome(NotCompared{EMFILE}));
}

TEST_F(LegComparisonTest, ALegThatBecomesUnreadableIsUnreadable) {
    make_legs(20);
    write(copy_, 17, "x");
    const auto pause = [&](std::chrono::milliseconds, const std::stop_token&) {
        fs::resize_file(copy_.device, 0);
        return true;
    };
    EXPECT_EQ(std::get<Unreadable>(compare(pause)).at.device, copy_.device);
}

TEST_F(LegComparisonTest, AStopBeforeTheStartCancels) {
    make_legs(10);
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(comparison().run(source.get_token()), Outcome(Cancelled{}));
}

TEST_F(LegComparisonTest, AStopInAPauseCancelsAtOnce) {
    make_legs(10);
    write(copy_, 5, "x");
    std::stop_source source;
    const auto pause = [&](std::chrono::milliseconds, const std::stop_token& stop) {
        const std::jthread stopper([&] { source.request_stop(); });
        return pause_for(std::chrono::hours(1), stop);
    };
    EXPECT_EQ(comparison(pause).run(source.get_token()), Outcome(Cancelled{}));
}

/// Settles under virtual time: sector 5 of the first block is rewritten all the time, without an
/// end.
class VirtualSettlementTest : public LegComparisonTest {
protected:
    VirtualSettlementTest() {
        context.read = [this](std::uint64_t position, std::size_t length, std::chrono::milliseconds,
                              const std::stop_token&) {
            read_blocks.insert(position);
            ++number;
            std::vector<Readings> legs;
            for (const Content leg : {Content{1}, Content{2}}) {
                Readings reading{std::vector<Content>(length / sector_bytes, 0)};
                if (position >= good_bytes)
                    reading[0][5] = position == 0 ? 2 * number + leg : leg;
                legs.push_back(reading);
            }
            return legs;
        };
        context.pause = [this](std::chrono::milliseconds duration, const std::stop_token&) {
            now += duration;
            return true;
        };
        context.is_quiet = [] { return true; };
        context.now = [this] { return now; };
    }

    Outcome compare() {
        const Legs legs{std::make_shared<LegReader>(source_), std::make_shared<LegReader>(copy_)};
        return LegComparison(legs, sectors_, context).run({});
    }

    Context context;
    std::chrono::milliseconds now{0};
    Content number = 0;
    std::uint64_t good_bytes = 0; ///< What is read again of these is equal.
    std::set<std::uint64_t> read_blocks;
};

TEST_F(VirtualSettlementTest, UndecidedIsNotEqual) {
    make_legs(2 * slice_sectors);
    write(copy_, 5, "x");
    EXPECT_EQ(compare(),
              Outcome(Undecided{
                  {source_.device, source_sector + 5}, {copy_.device, copy_sector + 5}, 1}));
    EXPECT_GE(now, settlement_time);
}

TEST_F(VirtualSettlementTest, UndecidedHidesNoBadSectorBehindIt) {
    make_legs(2 * slice_sectors);
    write(copy_, 5, "x");
    write(copy_, slice_sectors + 5, "x");
    const std::uint64_t bad = slice_sectors + 5;
    EXPECT_EQ(compare(),
              Outcome(Different{
                  {source_.device, source_sector + bad}, {copy_.device, copy_sector + bad}, 1}));
}

TEST_F(VirtualSettlementTest, NothingIsFoundOutWithoutMemory) {
    make_legs(2 * slice_sectors);
    write(copy_, 5, "x");
    for (const int error : {ENOMEM, EAGAIN, EIO}) {
        context.read = [=](std::uint64_t position, std::size_t, std::chrono::milliseconds,
                           const std::stop_token&) {
            return LegFailure{1, position, error};
        };
        const bool scarce = std::holds_alternative<NotCompared>(compare());
        EXPECT_EQ(scarce, error != EIO) << error;
    }
}

TEST_F(VirtualSettlementTest, BadCopyIsRefusedAfterAFewBlocks) {
    make_legs(2 * slice_sectors);
    write(copy_, 16, std::string(slice_bytes, 'x'));
    EXPECT_TRUE(std::holds_alternative<Different>(compare()));
    EXPECT_EQ(read_blocks.size(), 16U);
}

TEST_F(VirtualSettlementTest, BadBlockBehindManyGoodOnesIsFound) {
    make_legs(slice_sectors);
    write(copy_, 0, std::string(slice_bytes, 'x'));
    good_bytes = slice_bytes - 4096;
    EXPECT_EQ(std::get<Different>(compare()).copy.sector, copy_sector + slice_sectors - 3);
}

TEST(PauseFor, EndsWithTheTime) {
    EXPECT_TRUE(pause_for(std::chrono::milliseconds(0), {}));
    EXPECT_TRUE(pause_for(std::chrono::milliseconds(1), {}));
}

} // namespace
} // namespace lvmpolld::verify
