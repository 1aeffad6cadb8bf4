// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/exit_status.h"

#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

TEST(ExitStatus, CodeAndSignalOfTheSameNumberDiffer) {
    EXPECT_NE(ExitStatus(Exited{9}), ExitStatus(Killed{9}));
    EXPECT_EQ(ExitStatus(Exited{9}), ExitStatus(Exited{9}));
    EXPECT_NE(ExitStatus(Exited{9}), ExitStatus(Exited{5}));
}

} // namespace
} // namespace lvmpolld
