// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

TEST(Slots, GivesOneSlotForEachVg) {
    Slots slots;
    const auto slot = slots.take("vg", nullptr, [] {});
    EXPECT_TRUE(slot);
    EXPECT_FALSE(slots.take("vg", nullptr, [] {}));
    EXPECT_TRUE(slots.take("other", nullptr, [] {}));
}

TEST(Slots, GivesEightInAll) {
    Slots slots;
    std::vector<Slots::Slot> taken;
    for (std::size_t number = 0; number < Slots::most; ++number)
        taken.push_back(slots.take("vg" + std::to_string(number), nullptr, [] {}).value());
    EXPECT_EQ(taken.size(), 8U);
    EXPECT_FALSE(slots.take("one more", nullptr, [] {}));
    taken.pop_back();
    EXPECT_TRUE(slots.take("one more", nullptr, [] {}));
}

TEST(Slots, WakesThoseWhoWaitOnceWhenASlotIsGivenBack) {
    Slots slots;
    int woken = 0;
    auto slot = slots.take("vg", nullptr, [] {});
    const int owner = 0;
    EXPECT_FALSE(slots.take("vg", &owner, [&] { ++woken; }));
    EXPECT_FALSE(slots.take("vg", &owner, [&] { ++woken; }));
    EXPECT_EQ(woken, 0);
    slot.reset();
    EXPECT_EQ(woken, 1);
    slots.take("vg", nullptr, [] {});
    EXPECT_EQ(woken, 1);
}

TEST(Slots, WakesWhoeverHasWaitedLongestFirst) {
    Slots slots;
    std::string woken;
    const std::array<int, 3> owners{};
    auto slot = slots.take("vg", nullptr, [] {});
    for (const auto* owner : {&owners[2], &owners[0], &owners[1]})
        EXPECT_FALSE(slots.take("vg", owner, [&] { woken += "too early"; }));
    EXPECT_FALSE(slots.take("vg", &owners[1], [&] { woken += 'c'; }));
    EXPECT_FALSE(slots.take("vg", &owners[0], [&] { woken += 'b'; }));
    EXPECT_FALSE(slots.take("vg", &owners[2], [&] { woken += 'a'; }));
    slot.reset();
    EXPECT_EQ(woken, "abc");
}

TEST(Slots, ForgetsWhoDoesNotWaitAnyMore) {
    Slots slots;
    int woken = 0;
    auto slot = slots.take("vg", nullptr, [] {});
    const int owner = 0;
    EXPECT_FALSE(slots.take("vg", &owner, [&] { ++woken; }));
    slots.forget(&owner);
    slot.reset();
    EXPECT_EQ(woken, 0);
}

TEST(Slots, ASlotThatWasMovedIsGivenBackOnce) {
    Slots slots;
    auto first = slots.take("vg", nullptr, [] {});
    {
        const Slots::Slot second(std::move(*first));
        first.reset();
        EXPECT_FALSE(slots.take("vg", nullptr, [] {}));
    }
    EXPECT_TRUE(slots.take("vg", nullptr, [] {}));
}

TEST(Slots, ANewcomerCannotOvertake) {
    Slots slots;
    const std::array<int, 2> owners{};
    auto slot = slots.take("vg", nullptr, [] {});
    EXPECT_FALSE(slots.take("vg", &owners[0], [] {}));
    slot.reset();
    EXPECT_FALSE(slots.take("vg", &owners[1], [] {})) << "the other one has waited longer";
    EXPECT_TRUE(slots.take("vg", &owners[0], [] {}));
}

TEST(Slots, ANewcomerNeedNotWaitForAnotherVg) {
    Slots slots;
    const std::array<int, 2> owners{};
    const auto slot = slots.take("vg", nullptr, [] {});
    EXPECT_FALSE(slots.take("vg", &owners[0], [] {}));
    EXPECT_TRUE(slots.take("other", &owners[1], [] {}));
}

TEST(Slots, WhoForgetsIsInNobodysWay) {
    Slots slots;
    const std::array<int, 2> owners{};
    int woken = 0;
    auto slot = slots.take("vg", nullptr, [] {});
    EXPECT_FALSE(slots.take("vg", &owners[0], [] {}));
    slot.reset();
    EXPECT_FALSE(slots.take("vg", &owners[1], [&] { ++woken; }));
    slots.forget(&owners[0]);
    EXPECT_EQ(woken, 1);
    EXPECT_TRUE(slots.take("vg", &owners[1], [] {}));
}

TEST(Slots, ASlotBesideOthersKeepsTheVgBusy) {
    Slots slots;
    std::vector<Slots::Slot> held;
    held.push_back(slots.take("vg", nullptr, [] {}).value());
    {
        const auto abort = slots.occupy("vg");
        held.clear();
        EXPECT_FALSE(slots.take("vg", nullptr, [] {}));
    }
    EXPECT_TRUE(slots.take("vg", nullptr, [] {}));
}

} // namespace
} // namespace lvmpolld
