// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/lv_view.h"

#include "dm/simulated_kernel.h"

#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

TEST(LvViewTest, DoesNotSeeACopyThatItHasForgotten) {
    LvView view({"vg", "lv"});
    view.take(dm::SimulatedKernel::mirror(std::string(64, 'b'), "vg", "lv", 1000, 3000, 0, 1000),
              {});
    ASSERT_TRUE(view.sees_copy());
    view.forget_copy();
    EXPECT_FALSE(view.copy());
    EXPECT_FALSE(view.sees_copy());
}

} // namespace
} // namespace lvmpolld
