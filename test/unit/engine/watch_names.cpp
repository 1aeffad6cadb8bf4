// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// LVs are renamed, and names are used again.
class WatchNamesTest : public WatchTest {
protected:
    /// The LV is inactive, and run 0 decides about it.
    std::shared_ptr<Operation> start_deciding() {
        auto operation = start(request());
        EXPECT_EQ(runs.size(), 1U);
        return operation;
    }

    /// An event of some device ends run 0.
    void expect_retired_by_event() {
        raise_event();
        EXPECT_EQ(runs.at(0).terminations, 1);
    }
};

TEST_F(WatchNamesTest, ARenamedLvIsPolledUnderItsNewName) {
    start_copying();
    auto renamed = copying(0);
    renamed.vg = "new-vg";
    renamed.lv = "new";
    happen(renamed);
    auto done = in_sync(0);
    done.vg = "new-vg";
    done.lv = "new";
    happen(done);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "new-vg/new");
}

TEST_F(WatchNamesTest, ARenamedInactiveLvIsDecidedByItsNewName) {
    start_copying();
    auto renamed = copying(0);
    renamed.vg = "new";
    happen(renamed);
    happen(dm::Inactive{});
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "new/lv");
}

TEST_F(WatchNamesTest, AnIdleLvIsDecidedUnderItsCurrentName) {
    happen_quietly(dm::NotCopying{"new", "lv"});
    start(request());
    EXPECT_EQ(runs.at(0).name, "new/lv");
}

TEST_F(WatchNamesTest, ANameThatAnotherLvHasNowIsNotPolled) {
    const auto operation = start_copying();
    simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"});
    happen(dm::Inactive{});
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_TRUE(log.has(LogLevel::warning, "vg/lv"));
}

TEST_F(WatchNamesTest, LvpollOfANameThatWasReusedIsRetired) {
    const auto operation = start_copying();
    launcher.on_launch = [this] {
        simulated.quietly_set(lvid, dm::Inactive{});
        simulated.quietly_set(other_lvid, in_sync(0));
    };
    happen(in_sync(0));
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Killed{SIGTERM});
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchNamesTest, ADecidingLvpollOfAReusedNameIsRetired) {
    launcher.on_launch = [this] { simulated.quietly_set(other_lvid, in_sync(0)); };
    const auto operation = start(request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 1);
    end(0, Exited{5});
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchNamesTest, ANameReusedBesideADecidingLvpollIsSeenAtOnce) {
    const auto operation = start_deciding();
    raise_event();
    EXPECT_EQ(runs.at(0).terminations, 0);
    simulated.quietly_set(other_lvid, in_sync(0));
    expect_retired_by_event();
    end(0, Killed{SIGTERM});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchNamesTest, WithoutEventsADecidingLvpollIsRetired) {
    start_deciding();
    kernel.before_arm = [] { throw_errno("simulated kernel", ENOMEM); };
    expect_retired_by_event();
}

TEST_F(WatchNamesTest, ANameThatCannotBeAskedForOnceCostsALook) {
    start_deciding();
    const auto looks = simulated.looks();
    kernel.before_lvid_of = [this] {
        kernel.before_lvid_of = nullptr;
        throw_errno("simulated kernel", ENOMEM);
    };
    raise_event();
    EXPECT_EQ(simulated.looks(), looks + 1);
    EXPECT_EQ(runs.at(0).terminations, 0);
    simulated.quietly_set(other_lvid, in_sync(0));
    expect_retired_by_event();
}

TEST_F(WatchNamesTest, WhoCanNeverAskForANameIsRetired) {
    start_deciding();
    kernel.before_lvid_of = [] { throw_errno("simulated kernel", ENOMEM); };
    expect_retired_by_event();
}

TEST_F(WatchNamesTest, WithoutDeviceMapperADecidingLvpollIsRetired) {
    start_deciding();
    simulated.set_available(false);
    expect_retired_by_event();
}

TEST_F(WatchNamesTest, ANameReusedBeforeTheListeningIsSeen) {
    happen_quietly(in_sync(0));
    launcher.on_launch = [this] {
        kernel.before_arm = [this] { // after the look
            kernel.before_arm = nullptr;
            auto renamed = in_sync(0);
            renamed.lv = "renamed";
            simulated.quietly_set(lvid, renamed);
            simulated.quietly_set(other_lvid, in_sync(0));
            simulated.raise();
        };
    };
    start(request());
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].terminations, 1);
}

TEST_F(WatchNamesTest, ANameReusedBesideAStepIsSeenAtOnce) {
    start_stepping();
    auto renamed = in_sync(0);
    renamed.lv = "renamed";
    happen_quietly(renamed);
    simulated.quietly_set(other_lvid, in_sync(0));
    expect_retired_by_event();
}

TEST_F(WatchNamesTest, ANameReusedBeforeTheSpawnIsLookedUpAgain) {
    start_copying();
    kernel.before_lvid_of = [this] {
        simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"});
        auto renamed = in_sync(0);
        renamed.lv = "renamed";
        simulated.quietly_set(lvid, renamed);
    };
    happen(in_sync(0));
    advance(15s);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].name, "vg/renamed");
}

TEST_F(WatchNamesTest, ANameThatTwoLvsHaveDoesNotKeepTheLoopBusy) {
    const auto operation = start_copying();
    simulated.quietly_set(other_lvid, dm::NotCopying{"vg", "lv"});
    happen(in_sync(0));
    EXPECT_FALSE(result(operation));
    simulated.quietly_set(other_lvid, dm::Inactive{});
    advance(15s);
    EXPECT_EQ(runs.size(), 1U);
}

} // namespace
} // namespace lvmpolld
