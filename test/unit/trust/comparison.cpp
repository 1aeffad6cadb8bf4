// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/comparison.h"

#include "base/narrow_thread.h"

#include <gtest/gtest.h>

#include <sys/prctl.h>

namespace lvmpolld {
namespace {

TEST(Comparison, RunsOnANarrowThread) {
    const auto before = effective_capabilities();
    int no_new_privileges = -1;
    Capabilities capabilities = ~Capabilities{0};
    run_on_a_thread(
        [&] {
            no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
            capabilities = effective_capabilities();
        },
        {})
        .join();
    EXPECT_EQ(no_new_privileges, 1);
    EXPECT_EQ(capabilities, before & rights::disks);
}

} // namespace
} // namespace lvmpolld
