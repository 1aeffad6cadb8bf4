// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/device_name.h"

#include "base/temporary_folder.h"

#include <sys/sysmacros.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lvmpolld::dm {
namespace {

/// A sysfs with the disk sdb (8:16), the mapped disk2 (254:1) and an LV on it (254:5).
class DeviceNameTest : public testing::Test {
protected:
    DeviceNameTest() {
        write("dev/block/8:16/uevent", "MAJOR=8\nDEVNAME=sdb\n");
        write("dev/block/254:1/uevent", "DEVNAME=dm-1\n");
        write("dev/block/254:1/dm/uuid", "other\n");
        write("class/block/dm-1/dm/name", "disk2\n");
        write("dev/block/254:5/uevent", "DEVNAME=dm-5\n");
        write("dev/block/254:5/dm/uuid", "LVM-abc\n");
        write("class/block/dm-5/dm/name", "vg-lv_mimage_1\n");
        std::filesystem::create_directories(folder / "dev/block/254:5/slaves/dm-1");
    }

    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path path = folder / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    const TemporaryFolder folder;
    const std::string sysfs = folder / "";
};

TEST_F(DeviceNameTest, IsThatOfTheDisk) {
    EXPECT_EQ(device_name(makedev(8, 16), sysfs), "/dev/sdb");
    EXPECT_EQ(device_name("/dev/sdb", sysfs), "/dev/sdb");
}

TEST_F(DeviceNameTest, OfAMappedDeviceIsTheMappers) {
    EXPECT_EQ(device_name(makedev(254, 1), sysfs), "/dev/mapper/disk2 (dm-1)");
    EXPECT_EQ(device_name("/dev/dm-1", sysfs), "/dev/mapper/disk2 (dm-1)");
}

TEST_F(DeviceNameTest, OfAnUnknownDeviceIsItsNumbers) {
    EXPECT_EQ(device_name(makedev(9, 9), sysfs), "9:9");
    EXPECT_EQ(device_name("the copy", sysfs), "the copy");
}

TEST_F(DeviceNameTest, OfADiskIsBeneathLvmsLayers) {
    EXPECT_EQ(disk_name(makedev(254, 5), sysfs), "/dev/mapper/disk2 (dm-1)");
    EXPECT_EQ(disk_name(makedev(8, 16), sysfs), "/dev/sdb");
}

} // namespace
} // namespace lvmpolld::dm
