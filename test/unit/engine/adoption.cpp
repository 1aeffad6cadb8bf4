// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/adoption.h"

#include "engine/watch_test.h"

#include <asio/co_spawn.hpp>

#include <exception>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

class AdoptionTest : public WatchTest {
protected:
    ~AdoptionTest() override { context.shutdown(); }

    /// It goes on to the end of the test, unless that says otherwise, and does not fail.
    void TearDown() override { EXPECT_EQ(goes_on, expected_to_go_on); }

    void begin() {
        asio::co_spawn(context, adoption.run(), [this](const std::exception_ptr& failure) {
            goes_on = false;
            if (failure)
                std::rethrow_exception(failure);
        });
        settle();
    }

    dm::Copy pvmove(std::uint64_t copied) const {
        return dm::SimulatedKernel::mirror(lvid, "vg", "pvmove0", copied, total, 0, segment_length);
    }

    bool goes_on = true;
    bool expected_to_go_on = true;
    std::vector<PollRequest> adopted;
    int rests = 0;
    Adoption adoption{clock,
                      events,
                      polls,
                      aborts,
                      log,
                      [this](PollRequest request) { adopted.push_back(std::move(request)); },
                      [this] { ++rests; }};
};

TEST_F(AdoptionTest, AnUnpolledSegmentInSyncIsAdopted) {
    happen_quietly(pvmove(segment_length));
    begin();
    advance(15s);
    EXPECT_TRUE(adopted.empty());
    advance(15s);
    ASSERT_EQ(adopted.size(), 1U);
    EXPECT_EQ(adopted[0].type, OperationType::pvmove);
    EXPECT_EQ(adopted[0].identity.lvid(), lvid);
    EXPECT_EQ(adopted[0].vgname, "vg");
    EXPECT_EQ(adopted[0].lvname, "pvmove0");
}

TEST_F(AdoptionTest, WhatWasAdoptedInVainIsRetriedMoreRarely) {
    happen_quietly(pvmove(segment_length));
    begin();
    std::vector<int> quarters; // of a minute, in which it is adopted
    for (int quarter = 1; quarter <= 6 * 60 * 4; ++quarter) {
        advance(15s);
        if (adopted.size() > quarters.size())
            quarters.push_back(quarter);
    }
    ASSERT_GE(quarters.size(), 9U);
    EXPECT_EQ(quarters[0], 2);
    for (std::size_t i = 1; i < quarters.size(); ++i)
        EXPECT_EQ(quarters[i] - quarters[i - 1], std::min(2 << i, 60 * 4) + 1) << i;
    EXPECT_TRUE(adoption.is_watching());
}

TEST_F(AdoptionTest, TheNextSegmentIsAdoptedAsSoonAsTheFirst) {
    happen_quietly(pvmove(segment_length));
    begin();
    advance(30s);
    ASSERT_EQ(adopted.size(), 1U);
    happen(dm::SimulatedKernel::mirror(lvid, "vg", "pvmove0", 2 * segment_length, total,
                                       segment_length, segment_length));
    advance(15s);
    advance(15s);
    advance(15s);
    EXPECT_EQ(adopted.size(), 2U);
}

TEST_F(AdoptionTest, NotIdleWhileACopyMayHaveToBeAdopted) {
    begin();
    EXPECT_FALSE(adoption.is_watching());
    EXPECT_EQ(rests, 1);
    advance(15s);
    happen(pvmove(segment_length / 2));
    EXPECT_TRUE(adoption.is_watching());
    EXPECT_EQ(rests, 1);
    happen_quietly(dm::Inactive{});
    advance(15s);
    EXPECT_FALSE(adoption.is_watching());
    EXPECT_EQ(rests, 2);
}

TEST_F(AdoptionTest, AFinishedMergeIsAdopted) {
    happen_quietly(dm::SimulatedKernel::merge(lvid, "vg", "origin", 0));
    begin();
    advance(15s);
    advance(15s);
    ASSERT_EQ(adopted.size(), 1U);
    EXPECT_EQ(adopted[0].type, OperationType::merge);
}

TEST_F(AdoptionTest, AMergeIsLookedAtUntilItsEndWhichNoEventTells) {
    happen_quietly(dm::SimulatedKernel::merge(lvid, "vg", "origin", 1000));
    begin();
    advance(15s);
    happen_quietly(dm::SimulatedKernel::merge(lvid, "vg", "origin", 0));
    advance(15s);
    advance(15s);
    EXPECT_TRUE(adopted.empty());
    advance(15s);
    EXPECT_EQ(adopted.size(), 1U);
}

TEST_F(AdoptionTest, WhatTheKernelStillCopiesIsLeftAlone) {
    happen_quietly(pvmove(segment_length / 2));
    begin();
    for (int interval = 0; interval < 10; ++interval)
        advance(15s);
    EXPECT_TRUE(adopted.empty());
}

TEST_F(AdoptionTest, AStepOfSomebodysShowsThatItIsPolled) {
    happen_quietly(pvmove(segment_length));
    begin();
    advance(29s);
    happen_quietly(dm::SimulatedKernel::mirror(lvid, "vg", "pvmove0", 2 * segment_length, total,
                                               segment_length, segment_length));
    advance(15s);
    EXPECT_TRUE(adopted.empty());
    advance(15s);
    advance(15s);
    EXPECT_EQ(adopted.size(), 1U);
}

TEST_F(AdoptionTest, WhatAnOperationCoversIsLeftAlone) {
    auto covered = poll_request(lvid);
    covered.identity = Identity(lvid, "/etc/another");
    polls.accept(covered);
    happen_quietly(pvmove(segment_length));
    begin();
    for (int interval = 0; interval < 10; ++interval)
        advance(15s);
    EXPECT_TRUE(adopted.empty());
}

TEST_F(AdoptionTest, AnEventMakesItLook) {
    begin();
    const auto looks = simulated.looks();
    advance(1h);
    EXPECT_EQ(simulated.looks(), looks) << "nothing is there, nothing is asked";
    happen(pvmove(segment_length));
    EXPECT_EQ(simulated.looks(), looks + 1);
    advance(15s);
    advance(15s);
    EXPECT_EQ(adopted.size(), 1U);
}

TEST_F(AdoptionTest, WithoutDeviceMapperItSaysSo) {
    simulated.set_available(false);
    expected_to_go_on = false;
    begin();
    EXPECT_TRUE(log.has(LogLevel::warning, "nothing can be adopted"));
}

TEST_F(AdoptionTest, WithoutEventsItSaysSo) {
    simulated.fail_with(ENOMEM);
    begin();
    EXPECT_TRUE(log.has(LogLevel::warning, "cannot look for copies to adopt"));
}

} // namespace
} // namespace lvmpolld
