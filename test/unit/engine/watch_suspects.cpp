// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// What is known against a copy, and how long.
using WatchSuspectsTest = WatchVerificationTest;

TEST_F(WatchSuspectsTest, IsForgottenWithTheSuccessfulEndOfItsOperation) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv},
                                     {{copying(0).uuid, 1000}, Lasts::with_lv},
                                     {{"LVM-" + other_lvid, 0}, Lasts::with_lv}});
    start_copying();
    start_abort();
    happen_quietly(dm::Inactive{});
    end(0, Exited{0});
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(other_lvid));
}

TEST_F(WatchSuspectsTest, IsForgottenWhenItsLvCopiesNothing) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    happen_quietly(dm::NotCopying{"vg", "lv"});
    start(request());
    end(0, Exited{0});
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchSuspectsTest, IsRememberedWhileItsLvIsInactive) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    const auto operation = start(request());
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid)) << "its copy is in the metadata";
}

TEST_F(WatchSuspectsTest, IsRememberedWhereTheKernelCannotBeAsked) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    simulated.set_available(false);
    start_abort();
    end(0, Exited{0});
    EXPECT_EQ(result(abort), Result(Exited{0}));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchSuspectsTest, IsRememberedIfItIsThereAfterASuccessfulLvpoll) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    start_copying();
    start_abort();
    end(0, Exited{0});
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

/// Two operations on one mirror, for two LVM_SYSTEM_DIRs.
class WatchSharedTest : public WatchSuspectsTest {
protected:
    std::shared_ptr<Operation> start_other() {
        auto other = request();
        other.identity = Identity(lvid, "/etc/other");
        return start(other);
    }
};

TEST_F(WatchSharedTest, TheEndOfOneDropsNoEvidenceOfTheOther) {
    errors.now.disk_errors = 7;
    start_copying();
    start_other();
    happen(in_sync(0));
    ASSERT_EQ(runs.size(), 1U);
    happen(copying(1));
    errors.now.disk_errors = 8;
    end(0, Exited{0}); // as if it had not found the VG; both watch segment 1
    happen(in_sync(1));
    EXPECT_EQ(runs.size(), 1U);
    run_until([this] { return comparison.started() == 1; });
}

TEST_F(WatchSuspectsTest, AnUntrueSuccessDropsNoEvidence) {
    errors.now.disk_errors = 7;
    start_stepping();
    happen_quietly(copying(1));
    advance(15s);
    errors.now.disk_errors = 8;
    end(0, Exited{0});
    happen(in_sync(1));
    EXPECT_EQ(runs.size(), 1U);
    run_until([this] { return comparison.started() == 1; });
}

TEST_F(WatchSuspectsTest, IsForgottenWhenAnotherSegmentIsCopied) {
    watching.trust.suspects.restore(
        {{{copying(0).uuid, 0}, Lasts::with_lv}, {{"LVM-" + other_lvid, 0}, Lasts::with_lv}});
    happen_quietly(copying(1));
    start(request());
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(other_lvid));
}

TEST_F(WatchSuspectsTest, IsForgottenWhenItsLvIsSeenIdle) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    happen_quietly(dm::NotCopying{"vg", "lv"});
    start(request());
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid)) << "whatever lvpoll says";
}

/// Another LV's operation begins.
class WatchGoneTest : public WatchVerificationTest {
protected:
    void start_another() {
        simulated.quietly_set(
            other_lvid, dm::SimulatedKernel::mirror(other_lvid, "vg", "other", 1, total, 0, total));
        start(poll_request(other_lvid));
    }
};

TEST_F(WatchGoneTest, ASuspectMoveIsForgottenWhenItIsGone) {
    start_verifying();
    finish_comparison(different);
    happen_quietly(dm::Inactive{});
    start_another();
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchGoneTest, ASuspectCopyIsForgottenWhenItsLvIsIdle) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    happen_quietly(dm::NotCopying{"vg", "lv"});
    start_another();
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchGoneTest, AMoveThatIsGoneIsForgottenAfterARestart) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_device}});
    start_another();
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchGoneTest, AMoveTakenUpAfterItsEndIsForgotten) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_device}});
    start(request());
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid)) << "this daemon never saw it";
}

TEST_F(WatchGoneTest, AConversionThatOutlivesItsDeviceStays) {
    auto bad = in_sync(0);
    std::get<dm::Mirror>(bad.target).in_memory = false;
    watching.trust.policy = Verify::always;
    simulated.quietly_set(lvid, bad);
    start(request_for(OperationType::convert));
    run_until([this] { return comparison.started() == 1; });
    finish_comparison(different);
    happen_quietly(dm::Inactive{});
    start_another();
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchGoneTest, ARefusalNotesHowLongTheCopyLasts) {
    watching.trust.policy = Verify::always;
    simulated.quietly_set(lvid, in_sync(0));
    start(request());
    run_until([this] { return comparison.started() == 1; });
    finish_comparison(different);
    ASSERT_TRUE(watching.trust.suspects.contains_any_of(lvid));
    happen_quietly(dm::Inactive{});
    start_another();
    EXPECT_FALSE(watching.trust.suspects.contains_any_of(lvid));
}

TEST_F(WatchGoneTest, ASuspectCopyStaysWhereItIsOrMayBe) {
    const SuspectList suspects{{{copying(0).uuid, 0}, Lasts::with_lv}};
    watching.trust.suspects.restore(suspects);
    for (const dm::View& view :
         {dm::View(in_sync(0)), dm::View(dm::Unwatchable{"strange"}), dm::View(dm::Inactive{})}) {
        happen_quietly(view);
        start_another();
        EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
    }
}

TEST_F(WatchGoneTest, ASilentKernelForgetsNoSuspect) {
    watching.trust.suspects.restore({{{copying(0).uuid, 0}, Lasts::with_lv}});
    simulated.fail_with(EIO);
    start_another();
    EXPECT_TRUE(watching.trust.suspects.contains_any_of(lvid));
}

} // namespace
} // namespace lvmpolld
