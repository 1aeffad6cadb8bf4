// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/examine.h"

#include <sys/sysmacros.h>

#include <gtest/gtest.h>

namespace lvmpolld::dm {
namespace {

const std::string uuid = "LVM-DUXEbAhfD3QLTgrHbenp4nG6Zt5uobz2nq0rXwO0ByUOz23cwf2mpOHwvShEJ7Ax";

Table table(std::vector<Target> targets, std::string name = "my--vg-pvmove0") {
    return {{.name = std::move(name), .uuid = uuid, .event_number = 7}, std::move(targets)};
}

/// The second of three segments of a pvmove.
Table pvmove_status(std::string mirror = "2 7:0 7:1 10/40 1 AA 1 core") {
    return table({{0, 65536, "linear", ""},
                  {65536, 163840, "mirror", std::move(mirror)},
                  {229376, 163840, "linear", ""}});
}

Table pvmove_table(std::string mirror = "core 1 4096 2 7:0 67584 7:1 67584") {
    return table({{0, 65536, "linear", "7:1 2048"},
                  {65536, 163840, "mirror", std::move(mirror)},
                  {229376, 163840, "linear", "7:0 231424"}});
}

TEST(ExamineMirror, SeesTheSegmentUnderWay) {
    const auto view = examine_mirror(pvmove_status(), pvmove_table());
    ASSERT_TRUE(view);
    const Copy& copy = std::get<Copy>(*view);
    EXPECT_EQ(copy.vg, "my-vg");
    EXPECT_EQ(copy.lv, "pvmove0");
    EXPECT_EQ(copy.dm_name, "my--vg-pvmove0");
    EXPECT_EQ(copy.uuid, uuid);
    EXPECT_EQ(copy.event_number, 7U);
    EXPECT_EQ(copy.segment_start, 65536U);
    EXPECT_EQ(copy.segment_length, 163840U);
    EXPECT_EQ(legs(copy), (std::vector<Leg>{{makedev(7, 0), 67584}, {makedev(7, 1), 67584}}));
    EXPECT_FALSE(copy.complete);
    EXPECT_FALSE(copy.failed);
    EXPECT_FALSE(is_unhealthy(copy));
    EXPECT_TRUE(ends_with_device(copy));
}

TEST(ExamineMirror, ACopyWithALogOnDiskOutlivesItsDevice) {
    const auto loaded = pvmove_table("disk 2 254:5 4096 2 7:0 67584 7:1 67584");
    EXPECT_FALSE(ends_with_device(std::get<Copy>(*examine_mirror(pvmove_status(), loaded))));
}

TEST(ExamineMirror, CountsTheSegmentsBeforeAndTheCopiedPart) {
    const Copy copy = std::get<Copy>(*examine_mirror(pvmove_status(), pvmove_table()));
    EXPECT_EQ(copy.copied, 65536U + 10 * 4096);
    EXPECT_EQ(copy.total, 393216U);
    EXPECT_EQ(progress(copy.total, copy), (Progress{65536U + 10 * 4096, 393216U}));
}

TEST(ExamineMirror, IsCompleteInSyncWithAShortLastRegion) {
    const Table status = table({{0, 10000, "mirror", "2 7:0 7:1 3/3 1 AA 1 core"}});
    const Table loaded = table({{0, 10000, "mirror", "core 1 4096 2 7:0 0 7:1 0"}});
    const Copy copy = std::get<Copy>(*examine_mirror(status, loaded));
    EXPECT_TRUE(copy.complete);
    EXPECT_EQ(copy.copied, 10000U);
}

TEST(ExamineMirror, ReportsAFailedLeg) {
    const Copy copy = std::get<Copy>(
        *examine_mirror(pvmove_status("2 7:0 7:1 10/40 1 AS 1 core"), pvmove_table()));
    EXPECT_TRUE(is_unhealthy(copy));
    EXPECT_EQ(failed_leg(copy), (Leg{makedev(7, 1), 67584}));
}

TEST(ExamineMirror, ATableOfAnotherMomentDoesNotFit) {
    const Table next = table({{0, 229376, "linear", "7:1 2048"},
                              {229376, 163840, "mirror", "core 1 4096 2 7:0 231424 7:1 231424"}});
    EXPECT_FALSE(examine_mirror(pvmove_status(), next));
    EXPECT_FALSE(examine_mirror(pvmove_status(), table({})));
    EXPECT_FALSE(
        examine_mirror(pvmove_status(), pvmove_table("core 1 4096 2 7:0 67584 7:2 67584")));
}

TEST(ExamineMirror, WithoutAMirrorNothingIsCopied) {
    const Table origin = table({{0, 163840, "snapshot-origin", "254:3"}}, "my--vg-a--b");
    EXPECT_EQ(examine_mirror(origin, origin), View(NotCopying{"my-vg", "a-b"}));
}

TEST(ExamineMirror, AnUnknownTargetIsUnwatchable) {
    const Table raid = table({{0, 163840, "raid", "raid1 2 Aa 0/163840 recover 0 0 -"}});
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(examine_mirror(raid, raid).value()));
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(
        examine_mirror(pvmove_status("what?"), pvmove_table()).value()));
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(
        examine_mirror(pvmove_status(), pvmove_table("what?")).value()));
}

TEST(ExamineMirror, TwoMirrorsAreUnwatchable) {
    const Table two = table({{0, 65536, "mirror", "2 7:0 7:1 1/16 1 AA 1 core"},
                             {65536, 65536, "mirror", "2 7:0 7:1 1/16 1 AA 1 core"}});
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(examine_mirror(two, two).value()));
}

TEST(ExamineMirror, ANameThatIsNotLvmsIsUnwatchable) {
    const Table odd = table({{0, 65536, "linear", ""}}, "odd");
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(examine_mirror(odd, odd).value()));
}

/// What is seen of a merge with this status.
View merge(const Table& status) {
    const Table loaded = table({{0, 65536, status.targets[0].type, "254:3 254:4 P 8"}});
    return examine_merge(status, loaded).value();
}

TEST(ExamineMerge, ProgressIsTheShareMergedSinceTheFirstLook) {
    const Table first = table({{0, 65536, "snapshot-merge", "26216/65536 16"}}, "my--vg-origin");
    const Table later = table({{0, 65536, "snapshot-merge", "6566/65536 16"}}, "my--vg-origin");
    const Copy start = std::get<Copy>(merge(first));
    const Copy now = std::get<Copy>(merge(later));
    EXPECT_EQ(now.lv, "origin");
    EXPECT_EQ(progress(start.total, start), (Progress{0, 26200}));
    EXPECT_EQ(progress(start.total, now), (Progress{19650, 26200}));
    EXPECT_FALSE(now.complete);
}

TEST(ExamineMerge, IsCompleteWhenOnlyMetadataIsLeft) {
    const Copy copy = std::get<Copy>(merge(table({{0, 65536, "snapshot-merge", "16/65536 16"}})));
    EXPECT_TRUE(copy.complete);
    EXPECT_FALSE(copy.failed);
    EXPECT_TRUE(legs(copy).empty());
    EXPECT_EQ(key(copy).cow, makedev(254, 4));
}

TEST(ExamineMerge, AFailedMergeIsNotComplete) {
    for (const char* status : {"Invalid", "Merge failed", "Overflow"}) {
        const Copy copy = std::get<Copy>(merge(table({{0, 65536, "snapshot-merge", status}})));
        EXPECT_TRUE(copy.failed) << status;
        EXPECT_FALSE(copy.complete) << status;
    }
}

TEST(ExamineMerge, BeforeTheMergeBeginsNothingIsCopied) {
    EXPECT_EQ(merge(table({{0, 65536, "snapshot-origin", ""}})),
              View(NotCopying{"my-vg", "pvmove0"}));
}

TEST(ExamineMerge, AnUnknownStatusIsUnwatchable) {
    EXPECT_TRUE(std::holds_alternative<Unwatchable>(
        merge(table({{0, 65536, "snapshot-merge", "Unknown"}}))));
}

TEST(ExamineMerge, ATableOfAnotherMomentDoesNotFit) {
    const Table status = table({{0, 65536, "snapshot-merge", "16/65536 16"}});
    EXPECT_FALSE(examine_merge(status, table({{0, 65536, "linear", "7:0 2048"}})));
}

TEST(Examine, ALvOfErrorTargetsIsLeftBehind) {
    const Table error = table({{0, 65536, "error", ""}});
    EXPECT_EQ(examine_mirror(error, error), View(NotCopying{"my-vg", "pvmove0", true}));
}

TEST(Progress, FollowsACopyThatGrew) {
    Copy now;
    now.copied = 5;
    now.total = 20;
    EXPECT_EQ(progress(10, now), (Progress{5, 20}));
}

} // namespace
} // namespace lvmpolld::dm
