// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/copy.h"

#include "dm/simulated_kernel.h"
#include "dm/some_lvid.h"

#include <gtest/gtest.h>

namespace lvmpolld::dm {
namespace {

Copy mirror(std::uint64_t start = 0) {
    return SimulatedKernel::mirror(some_lvid, "vg", "lv", start + 8, 100, start, 8);
}

TEST(IsUnfinished, AnyMirrorUnderThePvmovesLvid) {
    EXPECT_TRUE(is_unfinished(OperationType::pvmove, std::nullopt, mirror()));
    EXPECT_TRUE(is_unfinished(OperationType::pvmove, key(mirror()), mirror(8)));
}

TEST(IsUnfinished, AConvertedMirrorStays) {
    EXPECT_FALSE(is_unfinished(OperationType::convert, key(mirror()), mirror()));
}

TEST(IsUnfinished, AConversionWithItsTemporaryLayer) {
    auto copy = mirror();
    std::get<Mirror>(copy.target).layered = true;
    EXPECT_TRUE(is_unfinished(OperationType::convert, key(mirror()), copy));
}

TEST(IsUnfinished, AConversionThatIsNotInSync) {
    auto copy = mirror();
    copy.complete = false;
    EXPECT_TRUE(is_unfinished(OperationType::convert, key(mirror()), copy));
    EXPECT_FALSE(is_unfinished(OperationType::convert, key(mirror(8)), copy))
        << "it is another one";
}

TEST(IsUnfinished, AMergeOfTheSameSnapshotOnly) {
    const auto first = SimulatedKernel::merge(some_lvid, "vg", "lv", 9, makedev(254, 4));
    const auto queued = SimulatedKernel::merge(some_lvid, "vg", "lv", 9, makedev(254, 5));
    EXPECT_TRUE(is_unfinished(OperationType::merge, key(first), first));
    EXPECT_FALSE(is_unfinished(OperationType::merge, key(first), queued));
    EXPECT_FALSE(is_unfinished(OperationType::merge, std::nullopt, first));
}

} // namespace
} // namespace lvmpolld::dm
