// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/disk_errors.h"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace lvmpolld::dm {
namespace {

namespace fs = std::filesystem;

/// A sysfs with SCSI disks sda (8:0) and sdb (8:16), partition sda1 (8:1), NVMe disk nvme0n1
/// (259:0).
class DiskErrorsTest : public testing::Test {
protected:
    DiskErrorsTest() {
        std::string name = (fs::temp_directory_path() / "sysfs-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        root_ = name;
        add_disk("8:0", "sda", "0x3");
        add_disk("8:16", "sdb", "0x1f");
        add("259:0", "devices/nvme0n1");
        add("8:1", "devices/sda/sda1");
        write("devices/sda/sda1/partition", "1");
    }

    ~DiskErrorsTest() override { fs::remove_all(root_); }

    void add(const std::string& number, const std::string& path) {
        fs::create_directories(root_ / path);
        fs::create_directories(root_ / "dev/block");
        fs::create_directory_symlink("../../" + path, root_ / "dev/block" / number);
    }

    void add_disk(const std::string& number, const std::string& name, const std::string& errors) {
        add(number, "devices/" + name);
        write("devices/" + name + "/device/ioerr_cnt", errors);
    }

    void add_stacked(const std::string& number, const std::string& name,
                     std::initializer_list<const char*> slaves) {
        add(number, "devices/" + name);
        fs::create_directories(root_ / "devices" / name / "slaves");
        for (const char* slave : slaves)
            fs::create_directory_symlink(root_ / "devices" / slave, root_ / "devices" / name /
                                                                        "slaves" /
                                                                        fs::path(slave).filename());
    }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text << '\n';
    }

    /// As who has never looked counts them.
    std::optional<std::uint64_t> count(dev_t device) const {
        return DiskErrors(root_).count(device, now);
    }

    const Clock::TimePoint now{std::chrono::hours(1)};

    fs::path root_;
};

TEST_F(DiskErrorsTest, ReadsAScsiDisksCounter) {
    EXPECT_EQ(count(makedev(8, 0)), 3U);
    EXPECT_EQ(count(makedev(8, 16)), 31U);
}

TEST_F(DiskErrorsTest, AddsTimeouts) {
    write("devices/sda/device/iotmo_cnt", "0x2");
    EXPECT_EQ(count(makedev(8, 0)), 5U);
}

TEST_F(DiskErrorsTest, OfAPartitionAreItsDisks) {
    EXPECT_EQ(count(makedev(8, 1)), 3U);
}

TEST_F(DiskErrorsTest, OfAStackedDeviceAreAllItsDisks) {
    add_stacked("254:1", "dm-1", {"sda/sda1", "sdb"});
    add_stacked("254:2", "dm-2", {"dm-1", "nvme0n1"});
    EXPECT_EQ(count(makedev(254, 2)), 34U);
}

TEST_F(DiskErrorsTest, WithoutACounterThereIsNone) {
    EXPECT_FALSE(count(makedev(259, 0)));
    EXPECT_FALSE(count(makedev(7, 0)));
}

TEST_F(DiskErrorsTest, AnUnreadableCounterIsNone) {
    write("devices/sda/device/ioerr_cnt", "many");
    EXPECT_FALSE(count(makedev(8, 0)));
}

TEST_F(DiskErrorsTest, ARiseIsSeenAtOnce) {
    DiskErrors errors(root_);
    EXPECT_EQ(errors.count(makedev(8, 1), now), 3U);
    write("devices/sda/device/ioerr_cnt", "0x4");
    EXPECT_EQ(errors.count(makedev(8, 1), now), 4U);
    fs::remove(root_ / "devices/sda/device/ioerr_cnt");
    EXPECT_FALSE(errors.count(makedev(8, 1), now));
}

TEST_F(DiskErrorsTest, AnotherDiskBeneathIsNoticedInTime) {
    add_stacked("254:1", "dm-1", {"sda"});
    DiskErrors errors(root_);
    EXPECT_EQ(errors.count(makedev(254, 1), now), 3U);
    fs::create_directory_symlink(root_ / "devices/sdb", root_ / "devices/dm-1/slaves/sdb");
    EXPECT_EQ(errors.count(makedev(254, 1), now + DiskErrors::longest_use), 34U);
}

TEST_F(DiskErrorsTest, WhatCouldNotBeOpenedIsTriedAgain) {
    add_stacked("254:1", "dm-1", {"sda"});
    DiskErrors errors(root_);
    fs::rename(root_ / "devices/dm-1/slaves", root_ / "devices/dm-1/away");
    write("devices/dm-1/slaves", "no directory");
    EXPECT_FALSE(errors.count(makedev(254, 1), now));
    fs::remove(root_ / "devices/dm-1/slaves");
    fs::rename(root_ / "devices/dm-1/away", root_ / "devices/dm-1/slaves");
    EXPECT_EQ(errors.count(makedev(254, 1), now), 3U);
}

TEST_F(DiskErrorsTest, ALoopOfDevicesEnds) {
    add_stacked("254:1", "dm-1", {"dm-1"});
    EXPECT_FALSE(count(makedev(254, 1)));
}

} // namespace
} // namespace lvmpolld::dm
