// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/name.h"

#include "dm/some_lvid.h"

#include <gtest/gtest.h>

#include <utility>

namespace lvmpolld::dm {
namespace {

TEST(Name, PartsAtSingleHyphens) {
    EXPECT_EQ(parse_name("vg-pvmove0"), (Name{"vg", "pvmove0", ""}));
    EXPECT_EQ(parse_name("vg-lv-real"), (Name{"vg", "lv", "real"}));
}

TEST(Name, UndoublesHyphens) {
    EXPECT_EQ(parse_name("my--vg-a--b"), (Name{"my-vg", "a-b", ""}));
    EXPECT_EQ(parse_name("a----b-c----"), (Name{"a--b", "c--", ""}));
    EXPECT_EQ(parse_name("vg---lv"), (Name{"vg-", "lv", ""}));
}

TEST(Name, WhatLvmDoesNotNameSoIsNothing) {
    for (const char* name :
         {"", "vg", "my--vg", "-lv", "vg-", "vg-lv-real-", "vg-lv-a-b", "vg-lv-"})
        EXPECT_FALSE(parse_name(name)) << name;
}

TEST(Name, IsComposedAsItIsParsed) {
    EXPECT_EQ(dm_name("my-vg", "a-b"), "my--vg-a--b");
    EXPECT_EQ(parse_name(dm_name("v-g--", "l-v-")), (Name{"v-g--", "l-v-", ""}));
}

TEST(Name, ThatLvmWouldRefuseIsNone) {
    for (const auto& [vg, lv] :
         {std::pair("--config=x", "lv"), std::pair("v g", "lv"), std::pair("vg", "l\033v"),
          std::pair("vg", ".."), std::pair("v/g", "lv")})
        EXPECT_FALSE(parse_name(dm_name(vg, lv))) << vg << " " << lv;
}

TEST(Uuid, GivesTheLvid) {
    EXPECT_EQ(lvid_of_uuid("LVM-" + some_lvid), some_lvid);
    EXPECT_EQ(lvid_of_uuid("LVM-" + some_lvid + "-real"), some_lvid);
}

TEST(Uuid, OfAnotherKindGivesNothing) {
    for (const std::string& uuid : {std::string(), "LVM-" + some_lvid.substr(1),
                                    "CRYPT-" + some_lvid, "LVM-" + some_lvid + "x", some_lvid})
        EXPECT_FALSE(lvid_of_uuid(uuid)) << uuid;
}

TEST(Uuid, IsComposedOfLvidAndLayer) {
    EXPECT_EQ(dm_uuid(some_lvid), "LVM-" + some_lvid);
    EXPECT_EQ(dm_uuid(some_lvid, "real"), "LVM-" + some_lvid + "-real");
}

TEST(Lvid, Has64CharactersOfLvmsAlphabet) {
    EXPECT_TRUE(is_lvid(some_lvid));
    EXPECT_FALSE(is_lvid(some_lvid.substr(1)));
    EXPECT_FALSE(is_lvid(some_lvid + 'a'));
    EXPECT_FALSE(is_lvid(some_lvid.substr(1) + '-'));
    EXPECT_FALSE(is_lvid(""));
}

} // namespace
} // namespace lvmpolld::dm
