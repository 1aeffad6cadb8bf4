// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/control_kernel.h"

#include <gtest/gtest.h>
#include <system_error>

// What needs device-mapper is tried in test/lab, on a real one.
namespace lvmpolld::dm {
namespace {

TEST(Control, WithoutDeviceMapperNamesTheDevice) {
    try {
        Control::open();
        GTEST_SKIP() << "this machine has device-mapper";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("/dev/mapper/control"), std::string::npos)
            << error.what();
    }
}

TEST(ControlKernel, WithoutDeviceMapperCannotWatchAndSaysWhy) {
    ControlKernel kernel;
    if (kernel.can_watch())
        GTEST_SKIP() << "this machine has device-mapper";
    EXPECT_NE(kernel.obstacle().find("/dev/mapper/control"), std::string::npos)
        << kernel.obstacle();
}

TEST(ControlKernel, NonLvidsAndThinMergesAreUnwatchable) {
    ControlKernel kernel;
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(kernel.look("short", OperationType::pvmove)));
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(
        kernel.look(std::string(64, 'a'), OperationType::merge_thin)));
}

} // namespace
} // namespace lvmpolld::dm
