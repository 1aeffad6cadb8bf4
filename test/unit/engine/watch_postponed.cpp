// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_verification_test.h"

#include <gmock/gmock.h>

#include <atomic>
#include <new>
#include <string>
#include <system_error>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// A comparison has found nothing out.
using WatchPostponedTest = WatchVerificationTest;

TEST_F(WatchPostponedTest, WhatCouldNotBeComparedIsComparedLater) {
    std::atomic failures = 2; // comparisons have threads of their own
    watching.trust.compare = [&](const dm::Copy&, const std::stop_token&,
                                 verify::Compared&) -> verify::Outcome {
        if (failures-- > 1)
            throw std::bad_alloc();
        if (failures == 0)
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
        return equal;
    };
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    run_until([&] { return log.has(LogLevel::warning, "Cannot allocate memory"); });
    EXPECT_THAT(operation->snapshot().waits_for, testing::HasSubstr("compare its legs again"));
    EXPECT_EQ(failures, 1) << "not without a pause";
    advance(1s);
    run_until([&] {
        return operation->snapshot().waits_for.find("temporarily unavailable") != std::string::npos;
    });
    advance(2s - 1ns);
    EXPECT_FALSE(result(operation)) << "it is not called bad";
    EXPECT_TRUE(runs.empty()) << "nor committed";
    advance(1ns);
    run_until([this] { return runs.size() == 1; });
}

TEST_F(WatchPostponedTest, WhatIsNotDecidedIsComparedAfterAPause) {
    start_verifying();
    finish_comparison(verify::Undecided{{"/dev/sda", 1}, {"/dev/sdb", 1}, 8});
    EXPECT_EQ(comparison.started(), 1U);
    advance(1s);
    run_until([this] { return comparison.started() == 2; });
}

TEST_F(WatchPostponedTest, AnotherSegmentDoesNotWaitOutThePause) {
    start_verifying();
    finish_comparison(verify::NotCompared{ENOMEM});
    happen(copying(1));
    ++errors.now.errors;
    happen(in_sync(1));
    run_until([this] { return comparison.started() == 2; });
    EXPECT_EQ(comparison.segment_start(), segment_length);
}

/// A comparison for which there is no thread.
struct WithoutThread {
    bool armed = false;
    WithoutThread() = default;
    WithoutThread(WithoutThread&&) = default;
    WithoutThread& operator=(const WithoutThread&) = default;

    WithoutThread(const WithoutThread& other) : armed(other.armed) {
        if (armed)
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
    }

    verify::Outcome operator()(const dm::Copy&, const std::stop_token&, verify::Compared&) const {
        return verify::Equal{1};
    }
};

TEST_F(WatchPostponedTest, WithoutAThreadTheLegsAreComparedLater) {
    watching.trust.compare = WithoutThread();
    auto& thread = *watching.trust.compare.target<WithoutThread>();
    thread.armed = true;
    const auto operation = start_copying();
    ++errors.now.errors;
    happen(in_sync(0));
    EXPECT_TRUE(log.has(LogLevel::warning, "Resource temporarily unavailable"));
    advance(1s);
    EXPECT_TRUE(runs.empty());
    EXPECT_FALSE(result(operation));
    thread.armed = false;
    advance(2s);
    run_until([this] { return runs.size() == 1; });
}

} // namespace
} // namespace lvmpolld
