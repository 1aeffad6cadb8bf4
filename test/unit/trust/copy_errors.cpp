// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/copy_errors.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "base/virtual_clock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds window{dm::rate_limit_seconds};

/// The kernel's log is a FIFO; what a test writes at once is a record.
class CopyErrorsTest : public testing::Test {
protected:
    void make_kernel_log() {
        if (::mkfifo(path.c_str(), 0600) != 0)
            throw_errno(path);
        kernel_log.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
        if (!kernel_log)
            throw_errno(path);
    }

    void say(std::string_view record) {
        ASSERT_EQ(::write(kernel_log.get(), record.data(), record.size()), std::ssize(record));
    }

    void report_recovery_error() {
        say("3,1234,98765,-;device-mapper: raid1: Write error during recovery (error = 0x1)\n");
    }

    /// Nothing is heard while it is made, and still the copy is suspect.
    bool a_copy_that_begins_now_is_suspect() {
        const auto before = errors.baseline(legs);
        return errors.gather(legs) != before;
    }

    /// From now on, and no longer.
    void expect_suspect_for_a_window() {
        EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
        clock.advance(window - 1ns);
        EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
        clock.advance(1ns);
        EXPECT_FALSE(a_copy_that_begins_now_is_suspect());
    }

    const TemporaryFolder folder;
    const std::string path = folder / "kmsg";
    FileDescriptor kernel_log;
    const std::vector<dm::Leg> legs = {};
    VirtualClock clock;
    RecordingLog log;
    CopyErrors errors{clock, log, path};
};

TEST_F(CopyErrorsTest, ACopyIsNotSuspectWhereNothingWasSaid) {
    make_kernel_log();
    EXPECT_FALSE(a_copy_that_begins_now_is_suspect());
}

TEST_F(CopyErrorsTest, EachRecoveryErrorIsEvidence) {
    make_kernel_log();
    const auto before = errors.gather(legs);
    report_recovery_error();
    const auto once = errors.gather(legs);
    EXPECT_NE(once, before);
    report_recovery_error();
    EXPECT_NE(errors.gather(legs), once);
}

TEST_F(CopyErrorsTest, ACopyIsSuspectWhileTheKernelMayKeepSilent) {
    make_kernel_log();
    report_recovery_error();
    expect_suspect_for_a_window();
}

TEST_F(CopyErrorsTest, EachRecoveryErrorBeginsTheWindowAnew) {
    make_kernel_log();
    report_recovery_error();
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    clock.advance(window - 1ns);
    report_recovery_error();
    expect_suspect_for_a_window();
}

TEST_F(CopyErrorsTest, OtherMessagesDoNotProlongTheWindow) {
    make_kernel_log();
    report_recovery_error();
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    clock.advance(window);
    say("6,1235,98766,-;device-mapper: ioctl: something else\n");
    EXPECT_FALSE(a_copy_that_begins_now_is_suspect());
}

TEST_F(CopyErrorsTest, WithoutTheLogEveryCopyIsSuspect) {
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, path));

    make_kernel_log();
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect()) << "what was said meanwhile isn't known";
    clock.advance(window);
    EXPECT_FALSE(a_copy_that_begins_now_is_suspect());
}

/// Some containers have /dev/null there. It was read for ever.
TEST_F(CopyErrorsTest, SomethingElseInThePlaceOfTheKernelsLogIsNone) {
    std::ofstream(path).put('\n');
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    EXPECT_TRUE(a_copy_that_begins_now_is_suspect());
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, std::strerror(ENODATA)));
}

} // namespace
} // namespace lvmpolld
