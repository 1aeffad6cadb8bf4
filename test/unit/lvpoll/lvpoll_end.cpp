// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/lvpoll_end.h"

#include "base/recording_log.h"
#include "operation/test_request.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

TEST(IsInterruption, IsExitCode5OrDeathBySigterm) {
    EXPECT_TRUE(is_interruption(Exited{5}));
    EXPECT_TRUE(is_interruption(Killed{SIGTERM}));
}

TEST(IsInterruption, IsNothingElse) {
    for (const int code : {0, 1, 3, 100, 101, SIGTERM})
        EXPECT_FALSE(is_interruption(Exited{code})) << code;
    for (const int signal : {5, SIGKILL, SIGINT, SIGSEGV})
        EXPECT_FALSE(is_interruption(Killed{signal})) << signal;
}

TEST(RecallInterval, HasNoPlusAndNoNeedlessZeros) {
    EXPECT_EQ(recall_interval(*Interval::parse("15")), "15");
    EXPECT_EQ(recall_interval(*Interval::parse("+15")), "15");
    EXPECT_EQ(recall_interval(*Interval::parse("007")), "7");
}

TEST(RecallInterval, IsAtLeastASecond) {
    EXPECT_EQ(recall_interval(*Interval::parse("0")), "1");
    EXPECT_EQ(recall_interval(*Interval::parse("+0")), "1");
    EXPECT_EQ(recall_interval(*Interval::parse("1")), "1");
}

TEST(RecallInterval, SurvivesTheLongestInterval) {
    EXPECT_EQ(recall_interval(*Interval::parse("4294967295")), "4294967295");
}

TEST(Describe, NamesWhatIsDoneToWhichLv) {
    EXPECT_EQ(describe(poll_request()), "polling of vg/lv (pvmove)");
    EXPECT_EQ(describe(abort_request()), "abort of vg/lv (pvmove)");
    auto merge = poll_request();
    merge.type = OperationType::merge_thin;
    EXPECT_EQ(describe(merge), "polling of vg/lv (merge_thin)");
}

TEST(ReportSpawnFailure, ARedirectionThatFailedIs100) {
    RecordingLog log;
    EXPECT_EQ(
        report_spawn_failure(log, poll_request(), {SpawnFailure::Stage::redirect, EMFILE}, {}),
        Result(Exited{100}));
    EXPECT_EQ(log.messages.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::error, "vg/lv"));
    EXPECT_TRUE(log.has(LogLevel::error, "Too many open files"));
}

TEST(ReportSpawnFailure, AProgramThatCannotBeRunIs101) {
    RecordingLog log;
    EXPECT_EQ(report_spawn_failure(log, poll_request(), {SpawnFailure::Stage::execute, ENOENT}, {}),
              Result(Exited{101}));
    EXPECT_EQ(log.messages.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::error, "No such file or directory"));
}

TEST(ReportEnd, SuccessIsNoErrorButShown) {
    RecordingLog log;
    EXPECT_EQ(report_end(log, poll_request(), Exited{0}, {}), Result(Exited{0}));
    EXPECT_EQ(log.count(LogLevel::error), 0U);
    EXPECT_TRUE(log.has(LogLevel::notice, "vg/lv"));
}

TEST(ReportEnd, AnyOtherCodeIsAnErrorAndTheResult) {
    RecordingLog log;
    EXPECT_EQ(report_end(log, poll_request(), Exited{5}, {}), Result(Exited{5}));
    EXPECT_TRUE(log.has(LogLevel::error, "exit code 5"));
}

TEST(ReportEnd, ASignalIsAnErrorAndTheResult) {
    RecordingLog log;
    EXPECT_EQ(report_end(log, poll_request(), Killed{SIGKILL}, {}), Result(Killed{SIGKILL}));
    EXPECT_TRUE(log.has(LogLevel::error, "signal 9 (Killed)"));
}

} // namespace
} // namespace lvmpolld
