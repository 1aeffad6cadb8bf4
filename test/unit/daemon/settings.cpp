// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings.h"

#include "base/temporary_folder.h"
#include "daemon/reload.h"
#include "daemon/settings_file.h"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Options options_with(std::string_view text, std::vector<std::string> arguments = {}) {
    const auto file = parse_settings("conf", text);
    EXPECT_THAT(file.problems, IsEmpty());
    arguments.insert(arguments.begin(), "lvmpolld");
    std::vector<char*> pointers;
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    return parse_options(static_cast<int>(arguments.size()), pointers.data(), file);
}

std::vector<std::string> problems(std::string_view text) {
    return parse_settings("conf", text).problems;
}

TEST(SettingsFile, SaysWhatTheOptionsSay) {
    const auto options = options_with(R"(
        # a comment
        timeout = 60
        log = [ "info", "debug" ]
        engine = "resident"
        verify = "always"
        adopt = 1
        result_age = 5
        max_results = 7
        state_dir = "/state"
        varlink_socket = "none"
        hangup = "reload"
        watchdog = 90
        socket = "/s"
        pidfile = "/p"
        binary = "/lvm")");
    EXPECT_EQ(options.idle_exit, std::chrono::seconds(60));
    EXPECT_THAT(options.log_levels, UnorderedElementsAre(LogLevel::info, LogLevel::debug));
    EXPECT_EQ(options.engine, Options::Engine::resident);
    EXPECT_EQ(options.verify, Verify::always);
    EXPECT_TRUE(options.adopt);
    EXPECT_EQ(options.retention.age, std::chrono::seconds(5));
    EXPECT_EQ(options.retention.results, 7U);
    EXPECT_EQ(options.state_directory, "/state");
    EXPECT_EQ(options.varlink_socket, "");
    EXPECT_EQ(options.hangup, Options::Hangup::reload);
    EXPECT_EQ(options.watchdog, std::chrono::seconds(90));
    EXPECT_EQ(options.socket, "/s");
    EXPECT_EQ(options.pidfile, "/p");
    EXPECT_EQ(options.lvm, "/lvm");
}

TEST(SettingsFile, TheCommandLineWins) {
    const auto options = options_with("timeout = 60\nlog = \"info\"", {"-t", "5", "-l", "wire"});
    EXPECT_EQ(options.idle_exit, std::chrono::seconds(5));
    EXPECT_THAT(options.log_levels, UnorderedElementsAre(LogLevel::wire));
}

TEST(SettingsFile, AVariableWins) {
    ::setenv("LVM_LVMPOLLD_SOCKET", "/variable", 1);
    const auto options = options_with("socket = \"/s\"");
    ::unsetenv("LVM_LVMPOLLD_SOCKET");
    EXPECT_EQ(options.socket, "/variable");
    EXPECT_EQ(options.state_directory, "/variable.state");
}

TEST(SettingsFile, AWrongValueIsNamedWithItsLine) {
    EXPECT_THAT(problems("\n\ntimeout = \"soon\"\nengine = 3\n"),
                ElementsAre("conf:3: timeout takes a whole number from 0 to 1000000000, not "
                            "'soon'",
                            "conf:4: engine is watch or resident, not '3'"));
    EXPECT_THAT(problems("timeout = -1"), ElementsAre(HasSubstr("not '-1'")));
    EXPECT_THAT(problems("adopt = 2"), ElementsAre("conf:1: adopt is 0 or 1, not '2'"));
    EXPECT_THAT(problems("socket = \"\""), ElementsAre("conf:1: socket takes a path"));
    EXPECT_THAT(problems("timeout { a = 1 }"), ElementsAre(HasSubstr("conf:1: timeout takes")));
}

TEST(SettingsFile, WhatIsRightBesideAWrongValueHolds) {
    const auto file = parse_settings("conf", "timeout = 60\nengine = 3\nadopt = 1");
    EXPECT_EQ(file.values.size(), 2U);
    EXPECT_EQ(file.problems.size(), 1U);
}

TEST(SettingsFile, AnUnknownNameIsAProblem) {
    EXPECT_THAT(problems("# one\ntime_out = 60"), ElementsAre("conf:2: there is no setting "
                                                              "'time_out'"));
    EXPECT_THAT(problems("result-age = 5"), ElementsAre(HasSubstr("no setting 'result-age'")));
    EXPECT_THAT(problems("dump = 1"), ElementsAre(HasSubstr("no setting 'dump'")));
}

TEST(SettingsFile, ASecondValueIsAProblem) {
    EXPECT_THAT(problems("timeout = 1\ntimeout = 2"),
                ElementsAre("conf:2: 'timeout' is set for the second time"));
}

TEST(SettingsFile, ABrokenGrammarIsNamedWithItsLine) {
    EXPECT_THAT(problems("timeout = 1\nadopt =\n"), ElementsAre(HasSubstr("conf:3: ")));
    EXPECT_THAT(problems("timeout = 1\n} \n"), ElementsAre(HasSubstr("conf:2: ")));
    EXPECT_THAT(problems("timeout 1\n"), ElementsAre(HasSubstr("conf:1: ")));
}

TEST(SettingsFile, MayBeEmpty) {
    EXPECT_THAT(problems(""), IsEmpty());
    EXPECT_THAT(problems("# nothing\n\n  # more\n"), IsEmpty());
}

TEST(SettingsFile, WhatCannotBeReadIsAProblem) {
    const TemporaryFolder folder;
    EXPECT_THAT(read_settings(folder / "none", false).problems, IsEmpty());
    EXPECT_THAT(read_settings("", true).problems, IsEmpty());
    EXPECT_THAT(read_settings(folder / "none", true).problems,
                ElementsAre(HasSubstr("/none: No such file")));
    EXPECT_THAT(read_settings(folder / ".", true).problems,
                ElementsAre(HasSubstr("no regular file")));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(read_settings(folder / "pipe", false).problems,
                ElementsAre(HasSubstr("no regular file")));
    std::ofstream(folder / "large") << std::string(70'000, ' ');
    EXPECT_THAT(read_settings(folder / "large", false).problems,
                ElementsAre(HasSubstr("more than 65536 bytes")));
}

TEST(SettingsFile, AProgramThatIsNotThereIsAProblem) {
    const TemporaryFolder folder;
    std::ofstream(folder / "conf") << "binary = \"/no/lvm\"\ntimeout = 5\n";
    const auto file = read_settings(folder / "conf", true);
    EXPECT_THAT(file.problems, ElementsAre(HasSubstr("cannot run the binary /no/lvm: No such")));
    EXPECT_EQ(file.values.size(), 1U);
}

TEST(SettingsFile, IsReadAsItIsShown) {
    const auto options = options_with("timeout = 60\nadopt = 1\nlog = \"info,cmd\"\n"
                                      "state_dir = \"/with \\\"quotes\\\"\"\nverify = \"never\"");
    const auto text = shown(options);
    EXPECT_THAT(text, HasSubstr("timeout = 60\n"));
    EXPECT_EQ(shown(options_with(text)), text);
}

TEST(Reload, AppliesWhatARunningDaemonCanTake) {
    const auto now = options_with("timeout = 60");
    const auto result = reload(now, options_with("timeout = 30\nlog = \"cmd\"\nmax_results = 1"));
    EXPECT_THAT(result.applied, ElementsAre("timeout = 30", "log = \"cmd\"", "max_results = 1"));
    EXPECT_THAT(result.waiting, IsEmpty());
    EXPECT_EQ(result.options.idle_exit, std::chrono::seconds(30));
    EXPECT_TRUE(result.options.verbose_lvm);
    EXPECT_EQ(result.options.retention.results, 1U);
}

TEST(Reload, SaysWhatNeedsARestart) {
    const auto now = options_with("");
    const auto wanted = options_with("engine = \"resident\"\nverify = \"never\"\nadopt = 1\n"
                                     "socket = \"/s\"\nstate_dir = \"/s.state\"");
    const auto result = reload(now, wanted);
    EXPECT_THAT(result.applied, IsEmpty());
    EXPECT_THAT(result.waiting,
                ElementsAre("socket = \"/s\"", "engine = \"resident\"", "verify = \"never\"",
                            "adopt = 1", "state_dir = \"/s.state\"",
                            "varlink_socket = \"/s.varlink\""));
    EXPECT_EQ(result.options.engine, Options::Engine::watch);
    EXPECT_THAT(reload(result.options, wanted).waiting, testing::SizeIs(6)) << "said each time";
}

} // namespace
} // namespace lvmpolld
