// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/kernel_messages.h"

#include <gtest/gtest.h>

namespace lvmpolld::dm {
namespace {

TEST(KernelMessage, RecoveryErrorsOfBothKinds) {
    EXPECT_EQ(
        classify(
            "3,1234,98765,-;device-mapper: raid1: Write error during recovery (error = 0x1)\n"),
        KernelMessage::recovery_error);
    EXPECT_EQ(
        classify(
            "3,1235,98766,-;device-mapper: raid1: Unable to read primary mirror during recovery\n "
            "SUBSYSTEM=x\n"),
        KernelMessage::recovery_error);
}

TEST(KernelMessage, SuppressedRecoveryErrorsCountAsOne) {
    EXPECT_EQ(classify("4,1236,98767,-;recovery_complete: 22 callbacks suppressed\n"),
              KernelMessage::recovery_error);
}

TEST(KernelMessage, OthersAreOther) {
    for (const char* record :
         {"", "3,1,2,-", "3,1,2,-;",
          "6,1,2,-;device-mapper: ioctl: 4.47.0-ioctl (2022-07-28) initialised: "
          "dm-devel@redhat.com\n",
          "3,1,2,-;device-mapper: raid1: Read failure on mirror device 7:1.\n",
          "4,1,2,-;blk_update: 22 callbacks suppressed\n",
          "6,1,2,-;nothing\n TEXT=device-mapper: raid1: Write error during recovery\n",
          "garbage;device-mapper: raid1: x during recovery"})
        EXPECT_EQ(classify(record), KernelMessage::other) << record;
}

TEST(KernelMessage, OfAProcessIsNotBelieved) {
    EXPECT_EQ(
        classify(
            "11,1234,98765,-;device-mapper: raid1: Write error during recovery (error = 0x1)\n"),
        KernelMessage::other);
}

} // namespace
} // namespace lvmpolld::dm
