// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pseudonyms.h"

#include <gtest/gtest.h>

using namespace lvmpolld::ctl;

namespace {

/// What becomes of a text that is all one knows.
std::string anonymous(std::string_view text) {
    Pseudonyms names;
    names.learn(text);
    return names.applied_to(text);
}

} // namespace

TEST(Pseudonyms, AreTheSameEachTime) {
    EXPECT_EQ(anonymous("polling of sales/orders (merge): begins, /dev/sales/orders, sales, "
                        "abort of staff/orders (pvmove)"),
              "polling of vg1/lv1 (merge): begins, /dev/vg1/lv1, vg1, "
              "abort of vg2/lv1 (pvmove)");
}

TEST(Pseudonyms, AreLearntWhereverNamesStand) {
    EXPECT_EQ(anonymous("vgname = \"a1\"\nlvname=\"b1/c1\""),
              "vgname = \"vg1\"\nlvname=\"vg2/lv1\"");
    EXPECT_EQ(anonymous(R"({"volumeGroup":"a1","logicalVolume":"b1"})"),
              R"({"volumeGroup":"vg1","logicalVolume":"lv1"})");
    EXPECT_EQ(anonymous("LVM_VG=a1\nLVM_LV=b1\n"), "LVM_VG=vg1\nLVM_LV=lv1\n");
    EXPECT_EQ(anonymous("the leg on /dev/sdx failed: sdx."),
              "the leg on /dev/device1 failed: device1.");
    EXPECT_EQ(anonymous("/dev/disk/by-id/wwn-0x5000c500 /dev/mapper/crypt1 /dev/md/home1"),
              "/dev/disk/by-id/device1 /dev/mapper/device2 /dev/md/device3");
}

TEST(Pseudonyms, LeaveWhatLvmNamesAndWhatIsNoName) {
    for (const auto* text :
         {"polling of lvm command failed", "/dev/null /dev/mapper/control /dev/kmsg", "a|/dev/.*|",
          "mirror core 1 1024", "/dev/mapper /dev/disk", "--lvname", "polling of "})
        EXPECT_EQ(anonymous(text), text);
    EXPECT_EQ(anonymous("polling of sales/pvmove0 (pvmove)"), "polling of vg1/pvmove0 (pvmove)");
}

TEST(Pseudonyms, KeepTheEndsOfHiddenVolumes) {
    Pseudonyms names;
    names.add_lv("orders_mimage_0");
    names.add_lv("orders");
    names.add_lv("pool_tdata");
    names.add_lv("_mimage");
    EXPECT_EQ(names.applied_to("orders orders_mimage_0 [pool_tdata] pool _mimage"),
              "lv1 lv1_mimage_0 [lv2_tdata] lv2 lv3");
}

TEST(Pseudonyms, OfDeviceMapperKeepTheirParts) {
    Pseudonyms names;
    names.add_mapped("my--sales-orders-real", true);
    names.add_mapped("my--sales-pvmove0", true);
    names.add_mapped("crypt1", false);
    EXPECT_EQ(names.applied_to("my--sales-orders-real my--sales-pvmove0 crypt1 my-sales/orders"),
              "vg1-lv1-real vg1-pvmove0 device1 vg1/lv1");
}

TEST(Pseudonyms, OfTheHostHoldWithAndWithoutItsDomain) {
    Pseudonyms names;
    names.add_host("db7.example.com");
    EXPECT_EQ(names.applied_to("db7.example.com db7 db77"), "host1 host1 db77");
    Pseudonyms others;
    others.add_host("localhost");
    EXPECT_EQ(others.applied_to("localhost"), "localhost");
}

TEST(Pseudonyms, WholeWordsAlone) {
    Pseudonyms names;
    names.add_vg("sales");
    EXPECT_EQ(names.applied_to("sales sales2 presales sales-x .sales sales. 'sales' --sales"),
              "vg1 sales2 presales sales-x .sales vg1. 'vg1' --vg1");
}
