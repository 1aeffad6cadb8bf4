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
    suspects.insert({"LVM-a", 0});
    suspects.insert({"LVM-a", 0});
    suspects.insert({"LVM-a", 2048});
    suspects.erase({"LVM-a", 0});
    suspects.erase({"LVM-b", 0});
    using Copies = std::set<CopyIdentity>;
    EXPECT_THAT(records.suspects,
                ElementsAre(Copies{{"LVM-a", 0}}, Copies{{"LVM-a", 0}, {"LVM-a", 2048}},
                            Copies{{"LVM-a", 2048}}));
}

} // namespace
} // namespace lvmpolld
