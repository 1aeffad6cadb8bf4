// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/simulated_legs.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace lvmpolld::verify {
namespace {

constexpr Content stale = 1'000'000'000;

/// A write each `period` until `end`, each of a new content, which reaches the copies `lag` after
/// the source.
SectorOfLeg rewritten(Time period, Time lag, Time end = 10'000 * second) {
    return [=](std::size_t leg, Time time) {
        return static_cast<Content>((std::min(time - (leg > 0 ? lag : 0), end) + second) / period);
    };
}

/// The same with two contents by turns.
SectorOfLeg alternating(Time period, Time lag) {
    return [sector = rewritten(period, lag)](std::size_t leg, Time time) {
        return sector(leg, time) % 2;
    };
}

/// The copies keep a content of their own.
SectorOfLeg without_writes_on_copies(SectorOfLeg sector, Content content) {
    return [=](std::size_t leg, Time time) { return leg > 0 ? content : sector(leg, time); };
}

/// What is written to the copies is something else.
SectorOfLeg corrupted(SectorOfLeg sector) {
    return [=](std::size_t leg, Time time) { return sector(leg, time) + (leg > 0 ? stale : 0); };
}

SectorOfLeg steady(Content source, Content copy) {
    return [=](std::size_t leg, Time) { return leg > 0 ? copy : source; };
}

/// One write at the time 0, which the copy gets after `lag`.
SectorOfLeg one_write(Time lag) {
    return [=](std::size_t leg, Time time) {
        return leg == 0 || time >= lag ? Content{1} : Content{0};
    };
}

std::string name(const SettlementResult& result) {
    constexpr std::array names = {"settled", "differs", "unsettled", "failure", "stopped"};
    return names.at(result.index());
}

struct Case {
    const char* name;
    SectorOfLeg sector;
    Time read_source;
    Time read_copy;
    const char* expected;
};

constexpr Time ms = millisecond;

const Case cases[] = {
    // Good sectors.
    {"WriteUnderWay", one_write(3 * ms), 100, 100, "settled"},
    {"WriteUnderWayForLong", one_write(50 * second), 100, 100, "settled"},
    {"WriteUnderWayReadSlowly", one_write(4 * ms), 100, 2 * second, "settled"},
    {"Hot", rewritten(100, 50), 100, 100, "settled"},
    {"HotCopyReadSlowly", rewritten(100, 50), 100, 20 * ms, "settled"},
    {"HotCopyReadVerySlowly", rewritten(100, 50), 100, 1 * second, "settled"},
    {"HotSourceReadSlowly", rewritten(100, 50), 20 * ms, 100, "settled"},
    {"HotBothReadSlowly", rewritten(100, 50), 20 * ms, 20 * ms, "settled"},
    {"HotCopyWrittenLate", rewritten(1 * ms, 30 * ms), 100, 100, "settled"},
    {"HotCopyOneWriteBehind", rewritten(30 * ms, 30 * ms), 100, 100, "settled"},
    {"HotCopyOneLongWriteBehind", rewritten(5 * second, 5 * second), 100, 100, "settled"},
    {"HotCopyWrittenFirst", rewritten(1 * ms, -3 * ms), 100, 20 * ms, "settled"},
    {"WarmCopyWrittenVeryLate", rewritten(2 * second, 3 * second), 100, 100, "settled"},
    {"Alternating", alternating(100, 50), 100, 100, "settled"},
    {"AlternatingReadSlowly", alternating(100, 100), 20 * ms, 20 * ms, "settled"},
    {"AlternatingWithThePauses", alternating(1 * second, 1 * second), 100, 100, "settled"},
    {"HotForAWhile", rewritten(7, 3, 3 * second), 1 * second, 1 * second, "settled"},
    // Bad ones.
    {"NeverCopied", steady(1, stale), 100, 100, "differs"},
    {"NeverCopiedReadSlowly", steady(1, stale), 100, 1 * second, "differs"},
    {"OneWriteLost", one_write(1000 * second), 100, 100, "differs"},
    {"HotWithoutWritesOnTheCopy", without_writes_on_copies(rewritten(100, 0), stale), ms, ms,
     "differs"},
    {"WarmWithoutWritesOnTheCopy", without_writes_on_copies(rewritten(second, 0), stale), ms, ms,
     "differs"},
    {"CopyKeepsOneOfTwoContents", without_writes_on_copies(alternating(90, 0), 0), 100, 20 * ms,
     "differs"},
    {"SourceKeepsItsContent",
     [](std::size_t leg, Time time) { return leg > 0 ? Content(time + 2) : 1U; }, ms, ms,
     "differs"},
    {"CorruptedForAWhile", corrupted(rewritten(100, 0, 3 * second)), ms, ms, "differs"},
    // Those that show nothing that was on both legs.
    {"CorruptedAllTheTime", corrupted(rewritten(100, 0)), ms, 20 * ms, "unsettled"},
    {"StaleReadsByTurns",
     [](std::size_t leg, Time time) {
         return leg == 0 ? Content(time / 100 + 2) : stale + Content(time / 90 % 2);
     },
     ms, ms, "unsettled"},
    {"HotBothReadVerySlowly", rewritten(100, 50), 5 * second, 5 * second, "unsettled"},
};

class SettlementCase : public testing::TestWithParam<Case> {};

TEST_P(SettlementCase, Ends) {
    SimulatedLegs legs;
    legs.sectors = {GetParam().sector};
    legs.read_time = {GetParam().read_source, GetParam().read_copy};
    EXPECT_EQ(name(legs.settle()), GetParam().expected)
        << "after " << legs.now / millisecond << " ms";
    EXPECT_LE(legs.now, 3 * std::chrono::microseconds(settlement_time).count());
}

INSTANTIATE_TEST_SUITE_P(Sectors, SettlementCase, testing::ValuesIn(cases),
                         [](const auto& parameter) { return parameter.param.name; });

/// A block of eight sectors that are equal.
class SettlementTest : public testing::Test {
protected:
    SettlementTest() {
        legs.sectors.assign(8, steady(1, 1));
        legs.read_time = {2 * ms, 2 * ms};
    }

    static constexpr std::uint64_t position(std::size_t sector) {
        return SimulatedLegs::first_byte + sector * sector_bytes;
    }

    SimulatedLegs legs;
};

TEST_F(SettlementTest, HotSectorDoesNotHideABadOne) {
    legs.sectors[2] = rewritten(100, 50);
    legs.sectors[3] = steady(1, stale);
    legs.read_time = {100, 20 * ms};
    EXPECT_EQ(std::get<Differs>(legs.settle()),
              Dispute({.leg = 1, .position = position(3), .sectors = 1}));
}

TEST_F(SettlementTest, UndecidedSectorDoesNotHideABadOne) {
    legs.sectors[2] = corrupted(rewritten(100, 50));
    legs.sectors[3] = steady(1, stale);
    legs.sectors[5] = steady(1, stale);
    EXPECT_EQ(std::get<Differs>(legs.settle()),
              Dispute({.leg = 1, .position = position(3), .sectors = 2}));
}

TEST_F(SettlementTest, UndecidedSectorsAreCountedAndPlaced) {
    legs.sectors[2] = corrupted(rewritten(100, 50));
    legs.sectors[7] = corrupted(rewritten(100, 50));
    EXPECT_EQ(std::get<Unsettled>(legs.settle()),
              Dispute({.leg = 1, .position = position(2), .sectors = 2}));
}

TEST_F(SettlementTest, TheCopyThatDiffersIsNamed) {
    legs.read_time = {2 * ms, 2 * ms, 2 * ms};
    legs.sectors[4] = [hot = corrupted(rewritten(100, 50))](std::size_t leg, Time time) {
        return leg == 2 ? stale : hot(leg, time);
    };
    EXPECT_EQ(std::get<Differs>(legs.settle()),
              Dispute({.leg = 2, .position = position(4), .sectors = 1}));
}

TEST_F(SettlementTest, OneGoodCopyDoesNotHideABadOne) {
    legs.read_time = {2 * ms, 2 * ms, 2 * ms};
    legs.sectors[4] = [](std::size_t leg, Time) { return leg == 2 ? stale : Content{1}; };
    EXPECT_EQ(std::get<Differs>(legs.settle()),
              Dispute({.leg = 2, .position = position(4), .sectors = 1}));
}

TEST_F(SettlementTest, QuietMirrorIsJudgedSooner) {
    legs.sectors[0] = steady(1, stale);
    legs.is_quiet = [](Time) { return true; };
    EXPECT_TRUE(std::holds_alternative<Differs>(legs.settle()));
    EXPECT_GE(legs.now, std::chrono::microseconds(unchanged_time).count());
    EXPECT_LE(legs.now, 15 * second);
}

TEST_F(SettlementTest, BusyMirrorIsJudgedLater) {
    legs.sectors[0] = steady(1, stale);
    EXPECT_TRUE(std::holds_alternative<Differs>(legs.settle()));
    EXPECT_GE(legs.now, std::chrono::microseconds(longest_write).count());
    EXPECT_LE(legs.now, 70 * second);
}

TEST_F(SettlementTest, QuietMomentBeforeAChangeDoesNotCount) {
    legs.sectors[0] = [](std::size_t leg, Time time) {
        return leg > 0 || time < 5 * second ? Content{leg} : Content{2};
    };
    legs.is_quiet = [](Time time) { return time < 2 * second; };
    EXPECT_TRUE(std::holds_alternative<Differs>(legs.settle()));
    EXPECT_GE(legs.now, std::chrono::microseconds(unchanged_time).count());
}

TEST_F(SettlementTest, SteadySectorsAreReadOnceALook) {
    legs.sectors[0] = steady(1, stale);
    legs.settle();
    EXPECT_EQ(legs.readings, 2 * legs.pauses);
}

TEST_F(SettlementTest, WriteUnderWayIsSettledInMilliseconds) {
    legs.sectors[0] = one_write(3 * ms);
    legs.settle();
    EXPECT_LE(legs.now, 20 * ms);
}

TEST_F(SettlementTest, StopEndsIt) {
    legs.sectors[0] = steady(1, stale);
    std::stop_source source;
    source.request_stop();
    EXPECT_TRUE(std::holds_alternative<Stopped>(legs.settle(source.get_token())));
}

} // namespace
} // namespace lvmpolld::verify
