// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// Somebody else changes the mirror while its legs are compared, or while lvpoll waits.
class WatchChangedTest : public WatchVerificationTest {
protected:
    /// The operation goes on, and its copy was not called bad.
    void expect_not_condemned(const std::shared_ptr<Operation>& operation) {
        EXPECT_FALSE(result(operation));
        EXPECT_EQ(log.count(LogLevel::error), 0U);
    }
};

TEST_F(WatchChangedTest, AVerdictOnAMirrorThatIsGoneIsNone) {
    const auto operation = start_verifying();
    happen_quietly(dm::Inactive{});
    comparison.finish(different);
    run_until([this] { return runs.size() == 1; });
    expect_not_condemned(operation);
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchChangedTest, ACommitByOthersEndsTheComparison) {
    const auto operation = start_verifying();
    happen(dm::Inactive{});
    run_until([this] { return runs.size() == 1; });
    expect_not_condemned(operation);
}

TEST_F(WatchChangedTest, ACommitWithoutAnEventIsNoticedAtTheInterval) {
    start_verifying();
    happen_quietly(copying(1));
    advance(15s);
    run_until([this] { return phase(polls.operations().at(0)) == Phase::watching; });
}

TEST_F(WatchChangedTest, AVerdictOnTheSegmentBeforeIsNone) {
    const auto operation = start_verifying();
    happen_quietly(copying(1));
    comparison.finish(different);
    run_until([&] { return phase(operation) == Phase::watching; });
    expect_not_condemned(operation);
}

TEST_F(WatchChangedTest, AnotherLegIsComparedAnew) {
    const auto operation = start_verifying();
    auto other = in_sync(0);
    std::get<dm::Mirror>(other.target).legs[1].device = makedev(7, 9);
    happen_quietly(other);
    comparison.finish(different);
    run_until([this] { return comparison.started() == 2; });
    expect_not_condemned(operation);
}

TEST_F(WatchChangedTest, ANameTakenWhileLvpollWaitsEndsIt) {
    start_stepping(); // and waits for the VG's lock
    happen_quietly(dm::Inactive{});
    simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"});
    advance(15s);
    EXPECT_EQ(runs[0].terminations, 1);
}

TEST_F(WatchChangedTest, AMirrorThatStaysIsRefused) {
    const auto operation = start_verifying();
    raise_event();
    finish_comparison(different);
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchChangedTest, ARefusalHoldsForAllWhoShareTheComparison) {
    const auto first = start_verifying();
    auto other = request();
    other.identity = Identity(lvid, "/etc/other");
    const auto second = start(other);
    EXPECT_EQ(phase(second), Phase::verifying);
    finish_comparison(different);
    EXPECT_EQ(result(first), Result(Exited{5}));
    EXPECT_EQ(result(second), Result(Exited{5}));
    EXPECT_EQ(comparison.started(), 1U);
}

} // namespace
} // namespace lvmpolld
