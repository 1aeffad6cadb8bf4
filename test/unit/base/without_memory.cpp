// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"
#include "failing_allocation.h"

#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <string>

namespace lvmpolld {
namespace {

const std::string long_key(64, 'k'); // needs memory wherever it is copied

TEST(SlotsWithoutMemory, LoseNobodysTurn) {
    long allocation = 0;
    for (bool failed = true; failed; ++allocation) {
        Slots slots;
        const int first = 0;
        const int second = 0;
        auto slot = std::make_optional(slots.occupy(long_key));
        ASSERT_FALSE(slots.take(long_key, &first, [] {}));
        slot.reset();
        std::optional<Slots::Slot> taken;
        failed = without_memory(allocation, [&] {
            try {
                if (auto turn = slots.take(long_key, &first, [] {}))
                    taken.emplace(std::move(*turn));
            } catch (const std::bad_alloc&) {
            }
        });
        EXPECT_FALSE(slots.take(long_key, &second, [] {})) << allocation;
        slots.occupy("other"); // whose end wakes the next
        EXPECT_TRUE(taken || slots.take(long_key, &first, [] {})) << allocation;
    }
    EXPECT_GT(allocation, 1);
}

TEST(SlotsWithoutMemory, KeepNobodyWhoCouldNotCome) {
    long allocation = 0;
    for (bool failed = true; failed; ++allocation) {
        Slots slots;
        const int first = 0;
        const int second = 0;
        std::optional<Slots::Slot> taken;
        failed = without_memory(allocation, [&] {
            try {
                taken.emplace(slots.occupy(long_key));
                static_cast<void>(slots.take(long_key, &first, [] {}));
            } catch (const std::bad_alloc&) {
                slots.forget(&first); // as who is told so does
            }
        });
        slots.occupy("other");
        taken.reset();
        EXPECT_TRUE(!failed || slots.take(long_key, &second, [] {})) << allocation;
    }
    EXPECT_GT(allocation, 3);
}

} // namespace
} // namespace lvmpolld
