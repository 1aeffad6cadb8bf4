// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/suspect_copies.h"

#include "operation/records_in_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

using testing::ElementsAre;

TEST(SuspectCopies, AreWrittenDownWithEachChange) {
    RecordsInMemory records;
    SuspectCopies suspects(&records);
    suspects.insert({"LVM-a", 0}, Lasts::with_lv);
    suspects.insert({"LVM-a", 0}, Lasts::with_lv);
    suspects.insert({"LVM-a", 2048}, Lasts::with_device);
    suspects.erase({"LVM-a", 0});
    suspects.erase({"LVM-b", 0});
    const SuspectList first{{{"LVM-a", 0}, Lasts::with_lv}};
    const SuspectList second{{{"LVM-a", 2048}, Lasts::with_device}};
    auto together = first;
    together.insert(second.begin(), second.end());
    EXPECT_THAT(records.suspects, ElementsAre(first, together, second));
}

TEST(SuspectCopies, WhatIsLearntOfAnOldEntryIsWrittenDown) {
    RecordsInMemory records;
    SuspectCopies suspects(&records);
    suspects.restore({{{"LVM-a", 0}, Lasts::with_lv}});
    suspects.insert({"LVM-a", 0}, Lasts::with_device);
    EXPECT_THAT(records.suspects, ElementsAre(SuspectList{{{"LVM-a", 0}, Lasts::with_device}}));
}

TEST(SuspectCopies, WithoutADeviceGoesWhatLastsWithIt) {
    RecordsInMemory records;
    SuspectCopies suspects(&records);
    const SuspectList others{{{"LVM-a", 0}, Lasts::with_lv}, {{"LVM-b", 0}, Lasts::with_device}};
    auto all = others;
    all.insert({{"LVM-a", 2048}, Lasts::with_device});
    suspects.restore(all);
    suspects.erase_lost_with_device("a");
    suspects.erase_lost_with_device("a");
    EXPECT_EQ(suspects.all(), others);
    EXPECT_THAT(records.suspects, ElementsAre(others));
}

} // namespace
} // namespace lvmpolld
