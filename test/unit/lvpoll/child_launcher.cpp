// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/child_launcher.h"

#include "base/limits.h"
#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "operation/test_request.h"

#include <asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace lvmpolld {
namespace {

using testing::ElementsAre;

std::vector<std::string> environment_of(std::vector<const char*> variables) {
    variables.push_back(nullptr);
    return child_environment(variables.data());
}

TEST(ChildEnvironment, IsTheDaemonsWithTheCLocale) {
    EXPECT_THAT(environment_of({"PATH=/bin", "LVM_SUPPRESS_FD_WARNINGS=1"}),
                ElementsAre("PATH=/bin", "LVM_SUPPRESS_FD_WARNINGS=1", "LC_ALL=C"));
    EXPECT_THAT(environment_of({}), ElementsAre("LC_ALL=C"));
}

TEST(ChildEnvironment, TheDaemonsOwnLocaleGoesButNotItsRelatives) {
    EXPECT_THAT(environment_of({"LC_ALL=de_DE.UTF-8", "LANG=de_DE", "LC_ALLURE=1"}),
                ElementsAre("LANG=de_DE", "LC_ALLURE=1", "LC_ALL=C"));
}

TEST(ChildEnvironment, TheSystemFolderIsTheClientsToSet) {
    EXPECT_THAT(environment_of({"LVM_SYSTEM_DIR=/etc/other", "LVM_SYSTEM_DIRS=x"}),
                ElementsAre("LVM_SYSTEM_DIRS=x", "LC_ALL=C"));
}

TEST(ChildEnvironment, NothingMeantForTheDaemonAloneIsHandedOn) {
    EXPECT_THAT(environment_of({"LISTEN_PID=1", "LISTEN_FDS=1", "LISTEN_FDNAMES=a",
                                "NOTIFY_SOCKET=/n", "WATCHDOG_USEC=1", "WATCHDOG_PID=1",
                                "SD_ACTIVATION=1", "FDSTORE=5", "MAINPID=1"}),
                ElementsAre("LC_ALL=C"));
}

struct LvPollCommandTest : testing::Test {
    std::array<const char*, 2> environment = {"A=1", nullptr};
    LvPollSettings settings{.lvm = "/sbin/lvm", .environment = environment.data()};
    PollRequest request = poll_request();

    Command command(std::string_view interval = "15") {
        return lvpoll_command(settings, {request, interval, request.vgname, request.lvname});
    }
};

TEST_F(LvPollCommandTest, IsTheClassicalDaemons) {
    EXPECT_THAT(command().arguments, ElementsAre("/sbin/lvm", "lvpoll", "--interval", "15",
                                                 "--polloperation", "pvmove", "vg/lv", "-An"));
    EXPECT_THAT(command().environment, ElementsAre("A=1", "LC_ALL=C"));
}

TEST_F(LvPollCommandTest, HasEveryOptionInItsPlace) {
    request.abort = true;
    request.handle_missing_pvs = true;
    request.devicesfile = "my.devices";
    settings.verbose = true;
    EXPECT_THAT(command("+7").arguments,
                ElementsAre("/sbin/lvm", "lvpoll", "--interval", "+7", "--abort",
                            "--handlemissingpvs", "--polloperation", "pvmove", "vg/lv", "-An",
                            "-vvvv", "--devicesfile", "my.devices"));
}

TEST_F(LvPollCommandTest, HasRoomForAllThatAVerboseOneSays) {
    EXPECT_EQ(command().error_bytes, 0);
    settings.verbose = true;
    EXPECT_EQ(command().error_bytes, limits::verbose_output_bytes);
}

TEST_F(LvPollCommandTest, NamesTheOperation) {
    for (const auto type : {OperationType::pvmove, OperationType::convert, OperationType::merge,
                            OperationType::merge_thin}) {
        request.type = type;
        EXPECT_EQ(command().arguments.at(5), name(type));
    }
}

TEST_F(LvPollCommandTest, TakesTodaysNamesNotTheRequests) {
    EXPECT_EQ(lvpoll_command(settings, {request, "15", "new_vg", "new_lv"}).arguments.at(6),
              "new_vg/new_lv");
}

TEST_F(LvPollCommandTest, TheClientsSystemFolderIsInTheEnvironment) {
    request.identity = Identity("id", "/etc/other");
    EXPECT_THAT(command().environment, ElementsAre("A=1", "LC_ALL=C", "LVM_SYSTEM_DIR=/etc/other"));
}

struct ChildLauncherTest : testing::Test {
    asio::io_context context{1};
    RecordingLog log;
    PollRequest request = poll_request();
    bool ended = false;
    std::vector<std::string> said;
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();
    std::optional<ChildLauncher> launcher;

    LvPollLauncher::Launched launch(std::string lvm) {
        LvPollSettings settings{.lvm = std::move(lvm)};
        settings.statistics = statistics;
        launcher.emplace(context.get_executor(), std::move(settings), log);
        return launcher->launch({request, "15", "vg", "lv", 0,
                                 [this](std::string_view line) { said.emplace_back(line); }},
                                [this] { ended = true; });
    }

    void run() { context.run_for(std::chrono::seconds(20)); }
};

TEST_F(ChildLauncherTest, LogsOutputAtInfoWithThePid) {
    auto launched = launch("/bin/echo");
    const auto& lvpoll = *std::get<std::unique_ptr<LvPoll>>(launched);
    EXPECT_FALSE(lvpoll.status());
    run();
    EXPECT_TRUE(ended);
    EXPECT_EQ(lvpoll.status(), ExitStatus(Exited{0}));
    EXPECT_THAT(log.messages, testing::Contains(testing::Pair(
                                  LogLevel::info,
                                  "lvpoll[" + std::to_string(lvpoll.pid()) +
                                      "]: lvpoll --interval 15 --polloperation pvmove vg/lv -An")));
    EXPECT_EQ(log.field("LVM_VG"), "vg");
    EXPECT_THAT(said, ElementsAre("lvpoll --interval 15 --polloperation pvmove vg/lv -An"));
}

TEST_F(ChildLauncherTest, LogsErrorOutputAtWarningWithThePid) {
    auto launched = launch("/bin/sh"); // which finds no script of the name lvpoll
    const auto& lvpoll = *std::get<std::unique_ptr<LvPoll>>(launched);
    run();
    EXPECT_NE(lvpoll.status(), ExitStatus(Exited{0}));
    EXPECT_TRUE(
        log.has(LogLevel::warning, "lvpoll[" + std::to_string(lvpoll.pid()) + "] stderr: "));
}

/// A program in lvm's place that says that it was interrupted, after the word "ready" on its
/// output.
std::string make_interrupted_lvm(const TemporaryFolder& folder) {
    auto path = folder / "lvm";
    std::ofstream(path) << "#!/bin/sh\n"
                           "trap 'echo \"  Interrupted...\" >&2; echo other >&2; exit 5' TERM\n"
                           "echo ready\n"
                           "while :; do sleep 1 & wait $!; done\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

TEST_F(ChildLauncherTest, WhatARetiredLvpollSaysOfItIsDebug) {
    const TemporaryFolder folder;
    auto launched = launch(make_interrupted_lvm(folder));
    auto& lvpoll = *std::get<std::unique_ptr<LvPoll>>(launched);
    while (!log.has(LogLevel::info, "ready"))
        context.run_one();
    lvpoll.terminate();
    run();
    EXPECT_TRUE(log.has(LogLevel::debug, "Interrupted"));
    EXPECT_FALSE(log.has(LogLevel::warning, "Interrupted"));
    EXPECT_TRUE(log.has(LogLevel::warning, "other"));
    EXPECT_EQ(lvpoll.last_error(), "other");
    EXPECT_THAT(said, ElementsAre("ready", "other"));
}

/// A program in lvm's place that does this.
std::string make_lvm(const TemporaryFolder& folder, std::string_view commands) {
    auto path = folder / "lvm";
    std::ofstream(path) << "#!/bin/sh\n" << commands;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

TEST_F(ChildLauncherTest, AFloodIsCutAndCounted) {
    const TemporaryFolder folder;
    const auto launched = launch(make_lvm(folder, "seq 50000 >&2\n"));
    run();
    const auto shown = log.count(LogLevel::warning, "] stderr: ");
    const auto left_out = statistics->dropped_log_lines.value();
    EXPECT_GT(left_out, 0U);
    EXPECT_EQ(shown + left_out, 50'000U);
    EXPECT_TRUE(log.has(LogLevel::warning, " lines are left out"));
    EXPECT_TRUE(log.has(LogLevel::warning, "stderr: 50000")) << "its last words";
    EXPECT_EQ(said.back(), "50000");
    EXPECT_EQ(std::get<std::unique_ptr<LvPoll>>(launched)->last_error(), "50000");
}

TEST_F(ChildLauncherTest, WhatItsOptionsMakeItSayIsDebug) {
    const TemporaryFolder folder;
    const auto launched =
        launch(make_lvm(folder, "echo '  WARNING: This metadata update is NOT backed up.' >&2\n"));
    run();
    EXPECT_TRUE(log.has(LogLevel::debug, "NOT backed up"));
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
    EXPECT_THAT(said, testing::IsEmpty());
    EXPECT_EQ(std::get<std::unique_ptr<LvPoll>>(launched)->last_error(), "");
}

TEST_F(ChildLauncherTest, WhatSomebodyElseInterruptsIsAWarning) {
    const TemporaryFolder folder;
    auto launched = launch(make_interrupted_lvm(folder));
    const auto& lvpoll = *std::get<std::unique_ptr<LvPoll>>(launched);
    while (!log.has(LogLevel::info, "ready"))
        context.run_one();
    ::kill(lvpoll.pid(), SIGTERM);
    run();
    EXPECT_TRUE(log.has(LogLevel::warning, "Interrupted"));
}

TEST_F(ChildLauncherTest, ShowsTheCommandLine) {
    auto launched = launch("/bin/true");
    run();
    EXPECT_TRUE(log.has(LogLevel::command, "/bin/true lvpoll --interval 15"));
}

TEST_F(ChildLauncherTest, GivesBackWhyThereIsNoChild) {
    const auto launched = launch("/no/such/lvm");
    const auto& failure = std::get<SpawnFailure>(launched);
    EXPECT_EQ(failure.stage, SpawnFailure::Stage::execute);
    EXPECT_EQ(failure.code, ENOENT);
}

} // namespace
} // namespace lvmpolld
