// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/copy_errors.h"

#include "base/forked.h"
#include "polling/recording_log.h"
#include "polling/virtual_clock.h"

#include <sched.h>
#include <sys/mount.h>

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

namespace lvmpolld {
namespace {

/// In a mount namespace whose /dev is empty but for what `furnish` makes: every look at a kernel's log that
/// can't be read is evidence, and the log of the daemon says why, once.
std::string look_twice(void (*furnish)(), int error) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", "/dev", "tmpfs", 0, nullptr) != 0)
        return "skipped";
    furnish();
    VirtualClock clock;
    RecordingLog log;
    CopyErrors errors(clock, log);
    const auto first = errors.gather({});
    const auto second = errors.gather({});
    if (first.messages == second.messages)
        return "no evidence";
    if (log.count(LogLevel::warning) != 1)
        return std::to_string(log.count(LogLevel::warning)) + " warnings";
    const auto& message = log.messages.at(0).second;
    const bool clear = message.find("/dev/kmsg") != std::string::npos &&
                       message.find(std::strerror(error)) != std::string::npos;
    return clear ? "" : message;
}

void expect_evidence(void (*furnish)(), int error) {
    const auto outcome = forked([=] { return look_twice(furnish, error); });
    if (outcome == "skipped")
        GTEST_SKIP() << "no mount namespace without root";
    EXPECT_EQ(outcome, "");
}

TEST(CopyErrors, WithoutAKernelsLogEachLookIsEvidence) {
    expect_evidence([] {}, ENOENT);
}

/// Some containers have /dev/null there. It was read for ever.
TEST(CopyErrors, SomethingElseInThePlaceOfTheKernelsLogIsNone) {
    expect_evidence([] { std::ofstream("/dev/kmsg").put('\n'); }, ENODATA);
}

} // namespace
} // namespace lvmpolld
