// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/activity.h"

#include "dm/name.h"
#include "dm/some_lvid.h"
#include "dm/target.h"

#include <sys/sysmacros.h>

#include <gtest/gtest.h>

#include <string>

namespace lvmpolld::dm {
namespace {

using Type = Activity::Type;

/// What a device with one target of 1000 sectors does.
std::optional<Activity> activity(const std::string& type, const std::string& status,
                                 const std::string& table, const std::string& lv = "lv") {
    const Device device{dm_name("vg", lv), dm_uuid(some_lvid), 1};
    return examine_activity({device, {{0, 1000, type, status}}},
                            {device, {{0, 1000, type, table}}});
}

std::vector<dev_t> devices(std::initializer_list<unsigned> minors) {
    std::vector<dev_t> result;
    for (const auto number : minors)
        result.push_back(makedev(254, number));
    return result;
}

TEST(Activity, OfAPvmove) {
    const auto move = activity("mirror", "2 254:0 254:1 1/10 1 AA 1 core",
                               "core 1 1024 2 254:0 0 254:1 2048", "pvmove0");
    ASSERT_TRUE(move);
    EXPECT_EQ(move->type, Type::mirror);
    EXPECT_EQ(move->lvid, some_lvid);
    EXPECT_EQ(move->vg + "/" + move->lv, "vg/pvmove0");
    EXPECT_EQ(move->copied, 100);
    EXPECT_EQ(move->total, 1000);
    EXPECT_EQ(move->reads_from, devices({0}));
    EXPECT_EQ(move->writes_to, devices({1}));
    EXPECT_FALSE(move->complete || move->failed || move->counts_down);
}

TEST(Activity, OfAMergeCountsDown) {
    const auto merge = activity("snapshot-merge", "384/65536 16", "254:3 254:4 P 8");
    ASSERT_TRUE(merge);
    EXPECT_EQ(merge->type, Type::merge);
    EXPECT_TRUE(merge->counts_down);
    EXPECT_EQ(merge->total, 368);
    EXPECT_EQ(merge->reads_from, devices({4}));
    EXPECT_EQ(merge->writes_to, devices({3}));
}

TEST(Activity, OfARaidIsWhatItsStatusSays) {
    struct Case {
        const char* action;
        Type type;
        bool idle;
    };

    for (const auto& [action, type, idle] :
         {Case{"resync", Type::raid_synchronisation, false},
          Case{"recover", Type::raid_rebuild, false}, Case{"reshape", Type::raid_reshape, false},
          Case{"check", Type::raid_scrub, false}, Case{"repair", Type::raid_scrub, false},
          Case{"idle", Type::raid_synchronisation, true},
          Case{"frozen", Type::raid_synchronisation, true}}) {
        const auto raid = activity("raid", std::string("raid1 2 Aa 100/400 ") + action + " 0 0 -",
                                   "raid1 3 0 region_size 1024 2 254:2 254:3 254:4 254:5");
        ASSERT_TRUE(raid) << action;
        EXPECT_EQ(raid->type, type) << action;
        EXPECT_EQ(raid->idle, idle) << action;
        EXPECT_FALSE(raid->complete) << action;
        EXPECT_EQ(raid->copied, 250) << action;
        EXPECT_EQ(raid->total, 1000) << action;
    }
}

TEST(Activity, ARebuildReadsTheOtherLegs) {
    const auto rebuild = activity("raid", "raid5_ls 3 AaA 1/4 recover 0 0 -",
                                  "raid5_ls 3 128 rebuild 1 3 254:2 254:3 254:4 254:5 254:6 254:7");
    ASSERT_TRUE(rebuild);
    EXPECT_EQ(rebuild->reads_from, devices({3, 7}));
    EXPECT_EQ(rebuild->writes_to, devices({5}));
}

TEST(Activity, ACheckWritesNothing) {
    const auto* const table = "raid1 1 0 2 254:2 254:3 254:4 254:5";
    EXPECT_EQ(activity("raid", "raid1 2 AA 1/4 check 0 0 -", table)->writes_to, devices({}));
    EXPECT_EQ(activity("raid", "raid1 2 AA 1/4 repair 0 0 -", table)->writes_to, devices({3, 5}));
}

TEST(Activity, ARaidIsCompleteWithAllLegsInSync) {
    const auto* const table = "raid1 1 0 2 254:2 254:3 - -";
    EXPECT_TRUE(activity("raid", "raid1 2 AA 4/4 idle 0 0 -", table)->complete);
    EXPECT_FALSE(activity("raid", "raid1 2 Aa 4/4 idle 0 0 -", table)->complete);
    const auto degraded = activity("raid", "raid1 2 AD 4/4 idle 0 0 -", table);
    EXPECT_FALSE(degraded->complete);
    EXPECT_TRUE(degraded->failed);
    EXPECT_EQ(degraded->reads_from, devices({3}));
}

TEST(Activity, ACacheIsFlushedByTheCleaner) {
    const auto cache = [](const std::string& dirty, const std::string& policy) {
        return activity("cache",
                        "8 27/2048 128 100/800 1 2 3 4 5 6 " + dirty +
                            " 1 writethrough 2 migration_threshold 2048 " + policy + " 0 rw - -",
                        "254:1 254:2 254:3 128 1 writethrough " + policy + " 0");
    };
    const auto flush = cache("40", "cleaner");
    ASSERT_TRUE(flush);
    EXPECT_EQ(flush->type, Type::cache_flush);
    EXPECT_FALSE(flush->idle || flush->complete);
    EXPECT_TRUE(flush->counts_down);
    EXPECT_EQ(flush->total, 40 * 128);
    EXPECT_EQ(flush->reads_from, devices({2}));
    EXPECT_EQ(flush->writes_to, devices({3}));
    EXPECT_TRUE(cache("40", "smq")->idle);
    EXPECT_TRUE(cache("0", "cleaner")->complete);
}

TEST(Activity, AWritecacheIsFlushedByItsCleaner) {
    const auto writecache = [](const char* status, const std::string& options) {
        return activity("writecache", status, "s 254:3 254:2 4096 " + options);
    };
    const auto flush = writecache("0 1024 1000 0", "1 cleaner");
    ASSERT_TRUE(flush);
    EXPECT_EQ(flush->type, Type::writecache_flush);
    EXPECT_FALSE(flush->idle || flush->complete || flush->failed);
    EXPECT_EQ(flush->total, 24 * 8);
    EXPECT_EQ(flush->reads_from, devices({2}));
    EXPECT_EQ(flush->writes_to, devices({3}));
    EXPECT_TRUE(writecache("0 1024 1000 0", "0")->idle);
    EXPECT_TRUE(writecache("0 1024 1000 23", "0")->idle);
    EXPECT_FALSE(writecache("0 1024 1000 24", "0")->idle) << "lvm sends the message \"cleaner\"";
    EXPECT_TRUE(writecache("0 1024 1024 0", "1 cleaner")->complete);
    EXPECT_TRUE(writecache("5 1024 1000 0", "1 cleaner")->failed);
}

TEST(Activity, OtherDevicesDoNothingLong) {
    EXPECT_FALSE(activity("linear", "", "7:0 2048"));
    EXPECT_FALSE(activity("raid", "nonsense", "raid1 1 0 2 254:2 254:3 254:4 254:5"));
    EXPECT_FALSE(activity("cache", "Fail", "254:1 254:2 254:3 128 0 cleaner 0"));
    EXPECT_FALSE(activity("writecache", "0 1 2 0", "s 254:3 254:2 4096 0"));
    const Table foreign{{"other", "CRYPT-1", 1}, {{0, 8, "raid", "raid1 2 AA 1/4 check 0 0 -"}}};
    EXPECT_FALSE(examine_activity(foreign, foreign));
}

TEST(Activity, ATableThatWasSwappedSaysNothing) {
    const Device device{"vg-lv", dm_uuid(some_lvid), 1};
    const Table status{device, {{0, 1000, "raid", "raid1 2 AA 1/4 check 0 0 -"}}};
    EXPECT_FALSE(examine_activity(status, {device, {{0, 1000, "linear", "7:0 0"}}}));
    EXPECT_FALSE(examine_activity(status, {device, {}}));
}

} // namespace
} // namespace lvmpolld::dm
