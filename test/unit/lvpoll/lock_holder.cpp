// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/lock_holder.h"

#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

constexpr auto locks = "1: POSIX  ADVISORY  WRITE 300 00:17:33 0 EOF\n"
                       "2: FLOCK  ADVISORY  WRITE 812 00:17:34 0 EOF\n"
                       "2: -> FLOCK  ADVISORY  WRITE 4711 00:17:34 0 EOF\n"
                       "2: -> FLOCK  ADVISORY  WRITE 4712 00:17:34 0 EOF\n"
                       "3: FLOCK  ADVISORY  READ 900 00:17:35 0 EOF\n";

TEST(LockHolder, IsTheOneBeforeTheWaiters) {
    EXPECT_EQ(find_lock_holder(locks, 4711), 812);
    EXPECT_EQ(find_lock_holder(locks, 4712), 812);
}

TEST(LockHolder, IsNobodyForWhoDoesNotWait) {
    EXPECT_EQ(find_lock_holder(locks, 812), std::nullopt);
    EXPECT_EQ(find_lock_holder(locks, 1), std::nullopt);
    EXPECT_EQ(find_lock_holder("", 812), std::nullopt);
}

TEST(LockHolder, IsNobodyIfTheTextIsNotUnderstood) {
    EXPECT_EQ(find_lock_holder("->\n: ->\n\nnonsense -> 4711\n", 4711), std::nullopt);
}

} // namespace
} // namespace lvmpolld
