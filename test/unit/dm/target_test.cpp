// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/target.h"

#include <sys/sysmacros.h>

#include <gtest/gtest.h>

namespace lvmpolld::dm {
namespace {

TEST(MirrorStatus, OfAPvmove) {
    const auto status = parse_mirror_status("2 7:0 7:1 1/16 1 AA 1 core");
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, (MirrorStatus{{makedev(7, 0), makedev(7, 1)}, 1, 16, "AA"}));
    EXPECT_FALSE(status->complete());
    EXPECT_TRUE(status->healthy());
}

TEST(MirrorStatus, InSyncWithALogOnDisk) {
    const auto status = parse_mirror_status("2 254:6 254:7 40/40 1 AA 3 disk 254:5 A");
    ASSERT_TRUE(status);
    EXPECT_TRUE(status->complete());
}

TEST(MirrorStatus, AnyLetterButAIsUnhealthy) {
    for (const char* health : {"AS", "DA", "RR", "AU"})
        EXPECT_FALSE(
            parse_mirror_status(std::string("2 7:0 7:1 1/16 1 ") + health + " 1 core")->healthy())
            << health;
}

TEST(MirrorStatus, UnrecognisedIsNothing) {
    for (const char* text :
         {"", "2", "2 7:0", "2 7:0 7:1", "2 7:0 7:1 x/16 1 AA 1 core", "2 7:0 sdb 1/16 1 AA 1 core",
          "0 1/16 1  1 core", "2 7:0 7:1 17/16 1 AA 1 core", "2 7:0 7:1 0/0 1 AA 1 core",
          "2 7:0 7:1 1/16 1 A 1 core", "2 7:0 7:1 1/16 2 AA 1 core", "99999999999999999999 7:0",
          "4294967295 7:0 7:1 1/16 1 AA 1 core", "-2 7:0 7:1 1/16 1 AA 1 core"})
        EXPECT_FALSE(parse_mirror_status(text)) << text;
}

TEST(MirrorLegs, OfAPvmove) {
    const std::vector<Leg> legs = {{makedev(7, 0), 2048}, {makedev(7, 1), 67584}};
    EXPECT_EQ(parse_mirror_legs("core 1 4096 2 7:0 2048 7:1 67584"), legs);
}

TEST(MirrorLegs, WithALogOnDiskAndFeatures) {
    const std::vector<Leg> legs = {{makedev(254, 6), 0}, {makedev(254, 7), 0}};
    EXPECT_EQ(parse_mirror_legs("disk 2 254:5 4096 2 254:6 0 254:7 0 1 handle_errors"), legs);
}

TEST(MirrorLegs, UnrecognisedIsNothing) {
    for (const char* text :
         {"", "core", "core 1 4096", "core x 4096 2 7:0 1 7:1 1", "core 1 4096 2 7:0 1",
          "core 1 4096 2 7:0 1 7:1", "core 1 4096 2 7:0 1 sdb 1", "core 18446744073709551615 1",
          "core 1 4096 0"})
        EXPECT_FALSE(parse_mirror_legs(text)) << text;
}

TEST(MirrorLog, InMemoryIsOneThatBeginsAnew) {
    for (const char* text : {"core 1 1024 2 7:0 0 7:1 0", "core 2 1024 sync 2 7:0 0 7:1 0"})
        EXPECT_TRUE(has_log_in_memory(text)) << text;
    for (const char* text : {"", "core", "core x", "core 2 1024 nosync 2 7:0 0 7:1 0",
                             "disk 2 254:5 1024 2 7:0 0 7:1 0"})
        EXPECT_FALSE(has_log_in_memory(text)) << text;
}

TEST(MergeStatus, UnderWay) {
    const auto status = parse_merge_status("384/65536 16");
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, (MergeStatus{MergeStatus::State::merging, 384, 65536, 16}));
    EXPECT_FALSE(status->complete());
}

TEST(MergeStatus, IsCompleteWhenOnlyMetadataIsLeft) {
    EXPECT_TRUE(parse_merge_status("16/65536 16")->complete());
}

TEST(MergeStatus, FailuresAreNeverComplete) {
    using State = MergeStatus::State;
    const std::pair<const char*, State> failures[] = {{"Invalid", State::invalid},
                                                      {"Merge failed", State::merge_failed},
                                                      {"Overflow", State::overflow}};
    for (const auto& [text, state] : failures) {
        const auto status = parse_merge_status(text);
        ASSERT_TRUE(status) << text;
        EXPECT_EQ(status->state, state);
        EXPECT_FALSE(status->complete());
    }
}

TEST(MergeStatus, UnrecognisedIsNothing) {
    for (const char* text : {"", "Unknown", "384/65536", "384 65536 16", "a/b c", "-1/2 3"})
        EXPECT_FALSE(parse_merge_status(text)) << text;
}

TEST(DeviceNumber, IsMajorAndMinor) {
    EXPECT_EQ(parse_device("259:1048575"), makedev(259, 1048575));
    for (const char* text : {"", ":", "1:", ":1", "1:2:3", "1:2 ", "4294967296:0", "sda"})
        EXPECT_FALSE(parse_device(text)) << text;
}

} // namespace
} // namespace lvmpolld::dm
