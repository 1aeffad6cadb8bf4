// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/tracked_copy.h"

#include "base/file_descriptor.h"
#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "base/virtual_clock.h"
#include "dm/simulated_kernel.h"
#include "trust/trust.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lvmpolld {
namespace {

/// Something in the kernel's log is lost, of the errors that had not been heard yet.
class TrackedCopyTest : public testing::Test {
protected:
    TrackedCopyTest() {
        errors.gather({}); // there is no log, so what it would say is lost
        EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
        kernel_log.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    }

    /// A copy that nobody has seen before, of which the first look shows half.
    bool is_suspect_at_the_first_look() {
        const std::string lvid(64, 'a');
        const auto tracked = trust.track(lvid);
        tracked->see(dm::SimulatedKernel::mirror(lvid, "vg", "pvmove0", 512, 1024, 0, 1024));
        return tracked->is_suspect();
    }

    const TemporaryFolder folder;
    const std::string path = folder / "kmsg";
    FileDescriptor kernel_log;
    VirtualClock clock;
    RecordingLog log;
    CopyErrors errors{clock, log, path};
    Trust trust{Verify::suspect, errors, nullptr};
};

TEST_F(TrackedCopyTest, WhatWasLostJustBeforeTheFirstLookCounts) {
    EXPECT_TRUE(is_suspect_at_the_first_look());
}

TEST_F(TrackedCopyTest, WhatWasLostLongBeforeTheFirstLookDoesNot) {
    clock.advance(std::chrono::seconds(dm::rate_limit_seconds));
    EXPECT_FALSE(is_suspect_at_the_first_look());
}

TEST_F(TrackedCopyTest, IsForgottenWithItsLastOperation) {
    const auto tracked = std::weak_ptr(trust.track("a"));
    EXPECT_TRUE(tracked.expired());
    EXPECT_EQ(trust.find("a"), nullptr);
}

} // namespace
} // namespace lvmpolld
