// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/simulated_kernel.h"

#include "dm/some_lvid.h"

#include <poll.h>

#include <gtest/gtest.h>

namespace lvmpolld::dm {
namespace {

bool is_readable(int descriptor) {
    pollfd ready{descriptor, POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
}

TEST(SimulatedKernel, RaisesAnEventUntilItIsArmedAgain) {
    SimulatedKernel kernel;
    kernel.arm();
    EXPECT_FALSE(is_readable(kernel.event_descriptor()));
    kernel.set(some_lvid, SimulatedKernel::mirror(some_lvid, "vg", "pvmove0", 10, 100, 0, 50));
    EXPECT_TRUE(is_readable(kernel.event_descriptor()));
    kernel.arm();
    EXPECT_FALSE(is_readable(kernel.event_descriptor()));
}

TEST(SimulatedKernel, CountsEventsOfADevice) {
    SimulatedKernel kernel;
    EXPECT_FALSE(kernel.event_number(dm_uuid(some_lvid)));
    kernel.set(some_lvid, SimulatedKernel::mirror(some_lvid, "vg", "pvmove0", 10, 100, 0, 50));
    EXPECT_EQ(kernel.event_number(dm_uuid(some_lvid)), 1U);
    kernel.quietly_set(some_lvid,
                       SimulatedKernel::mirror(some_lvid, "vg", "pvmove0", 50, 100, 0, 50));
    EXPECT_EQ(kernel.event_number(dm_uuid(some_lvid)), 1U);
    EXPECT_TRUE(std::get<Copy>(kernel.look(some_lvid, OperationType::pvmove)).complete);
}

TEST(SimulatedKernel, KnowsWhoseANameIs) {
    SimulatedKernel kernel;
    kernel.set(some_lvid, NotCopying{"vg", "lv"});
    EXPECT_EQ(kernel.lvid_of("vg", "lv"), some_lvid);
    EXPECT_FALSE(kernel.lvid_of("vg", "other"));
}

} // namespace
} // namespace lvmpolld::dm
