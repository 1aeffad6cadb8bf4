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

/// Three wait for a VG, "a", "b" and "c", whatever was asked for when.
class SlotsQueueTest : public ::testing::Test {
protected:
    SlotsQueueTest() {
        for (std::size_t number = 0; number < owners.size(); ++number)
            ask(number);
    }

    std::optional<Slots::Slot> ask(std::size_t number, const std::string& vg = "vg") {
        return slots.take(vg, &owners.at(number),
                          [this, number] { woken += static_cast<char>('a' + number); });
    }

    const std::array<int, 3> owners{};
    std::string woken;
    Slots slots;
    std::optional<Slots::Slot> slot = slots.take("vg", nullptr, [] {});
};

TEST_F(SlotsQueueTest, WhoeverHasWaitedLongestIsWoken) {
    for (const std::size_t number : {2U, 1U, 0U})
        EXPECT_FALSE(ask(number)) << "who asks again keeps its place";
    slot.reset();
    EXPECT_EQ(woken, "a") << "the others could do nothing";
    ask(0).reset();
    EXPECT_EQ(woken, "ab");
    ask(1).reset();
    EXPECT_EQ(woken, "abc");
}

TEST_F(SlotsQueueTest, WhoNeedsAnotherVgNowLeavesItsTurnToOthers) {
    slot.reset();
    EXPECT_TRUE(ask(0, "other"));
    EXPECT_EQ(woken, "ab");
}

TEST_F(SlotsQueueTest, WhoNeedsAnotherVgNowIsTheLastThere) {
    auto other = std::make_optional(slots.occupy("other"));
    EXPECT_FALSE(ask(1, "other"));
    EXPECT_FALSE(ask(0, "other"));
    other.reset();
    EXPECT_EQ(woken, "b");
}

TEST_F(SlotsQueueTest, OneOfEachVgIsWokenWhereSeveralAreFree) {
    std::vector<Slots::Slot> all;
    while (all.size() < Slots::most)
        all.push_back(slots.occupy("vg" + std::to_string(all.size())));
    EXPECT_FALSE(ask(2, "other"));
    slot.reset();
    EXPECT_EQ(woken, "") << "eight are under way";
    all.clear();
    EXPECT_EQ(woken, "ac");
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

TEST(Slots, ManyWaitInTheOrderOfArrival) {
    constexpr std::size_t many = 20'000; // takes seconds if each looks at all others
    Slots slots;
    std::vector<std::size_t> owners(many);
    std::size_t woken = many;
    const auto ask = [&](std::size_t number) {
        return slots.take("vg", &owners[number], [&woken, number] { woken = number; });
    };
    auto slot = std::make_optional(slots.occupy("vg"));
    for (int time = 0; time < 2; ++time)
        for (std::size_t number = 0; number < many; ++number)
            ASSERT_FALSE(ask(number));
    for (std::size_t number = 0; number < many; ++number) {
        slot.reset();
        ASSERT_EQ(woken, number);
        auto next = ask(number);
        ASSERT_TRUE(next);
        slot.emplace(std::move(*next));
    }
}

TEST(Slots, OfManyVgsTheOldestEightAreFirst) {
    constexpr std::size_t many = 20'000;
    Slots slots;
    std::vector<std::size_t> owners(many);
    std::vector<std::size_t> woken;
    std::vector<Slots::Slot> taken;
    for (std::size_t number = 0; number < Slots::most; ++number)
        taken.push_back(slots.occupy("first" + std::to_string(number)));
    for (std::size_t number = 0; number < many; ++number)
        ASSERT_FALSE(slots.take("vg" + std::to_string(number), &owners[number],
                                [&woken, number] { woken.push_back(number); }));
    taken.pop_back();
    EXPECT_EQ(woken, std::vector<std::size_t>{0});
    slots.forget(&owners[0]);
    slots.forget(&owners[2]);
    taken.pop_back();
    EXPECT_EQ(woken, (std::vector<std::size_t>{0, 1, 3}));
}

} // namespace
} // namespace lvmpolld
