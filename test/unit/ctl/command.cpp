// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/command.h"
#include "golden.h"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace lvmpolld::ctl;
using lvmpolld::test::expect_golden;
using namespace std::chrono_literals;

namespace {

std::optional<Command> parse(std::vector<const char*> arguments, int& code) {
    arguments.insert(arguments.begin(), "lvmpollctl");
    return parse_command(static_cast<int>(arguments.size()), arguments.data(), code);
}

Command parsed(std::vector<const char*> arguments) {
    int code = -1;
    auto command = parse(std::move(arguments), code);
    EXPECT_TRUE(command);
    return command.value_or(Command{});
}

/// What a command line that is not to be used prints; with the exit status.
std::string said(std::vector<const char*> arguments, int expected) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    int code = -1;
    EXPECT_FALSE(parse(std::move(arguments), code));
    EXPECT_EQ(code, expected);
    return testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
}

} // namespace

TEST(CommandLine, WithoutAVerbLists) {
    EXPECT_EQ(parsed({}).verb, Verb::list);
    EXPECT_TRUE(parsed({"--json"}).json);
}

TEST(CommandLine, OfAWait) {
    const auto command =
        parsed({"wait", "vg0", "/dev/sdb", "--for", "pvmove,merge", "--timeout", "2h", "--quiet"});
    EXPECT_EQ(command.verb, Verb::wait);
    EXPECT_EQ(command.whats, (std::vector<std::string>{"vg0", "/dev/sdb"}));
    EXPECT_EQ(command.kinds.size(), 3U);
    EXPECT_EQ(command.timeout, 2h);
    EXPECT_TRUE(command.quiet);
}

TEST(CommandLine, OptionsMayStandBehindTheVerb) {
    const auto command = parsed({"show", "vg0", "--json", "--color", "always"});
    EXPECT_TRUE(command.json);
    EXPECT_EQ(command.colour, true);
}

TEST(CommandLine, OfMetrics) {
    EXPECT_EQ(parsed({"metrics"}).verb, Verb::metrics);
    EXPECT_EQ(parsed({"metrics", "--textfile", "/a/b.prom"}).textfile, "/a/b.prom");
}

TEST(CommandLine, OfAReport) {
    EXPECT_EQ(parsed({"report"}).verb, Verb::report);
    EXPECT_FALSE(parsed({"report"}).anonymous);
    const auto command = parsed({"report", "--anonymous", "-", "--state-dir", "/s"});
    EXPECT_TRUE(command.anonymous);
    EXPECT_EQ(command.file, "-");
    EXPECT_EQ(command.paths.state_directory, "/s");
}

TEST(CommandLine, PathsComeFromTheEnvironment) {
    ::setenv("LVM_LVMPOLLD_SOCKET", "/tmp/s", 1);
    ::setenv("LVM_LVMPOLLD_PIDFILE", "/tmp/p", 1);
    const auto paths = parsed({}).paths;
    ::unsetenv("LVM_LVMPOLLD_SOCKET");
    ::unsetenv("LVM_LVMPOLLD_PIDFILE");
    EXPECT_EQ(paths.socket, "/tmp/s");
    EXPECT_EQ(paths.pidfile, "/tmp/p");
}

TEST(CommandLine, WhatIsWrongIsSaid) {
    std::string text;
    for (const std::vector<const char*>& arguments :
         std::vector<std::vector<const char*>>{{"stop"},
                                               {"wait", "--timeout", "3x"},
                                               {"wait", "--for", "move"},
                                               {"abort"},
                                               {"abort", "vg0", "vg1"},
                                               {"show"},
                                               {"throttle", "0"},
                                               {"throttle", "half"},
                                               {"--color", "red"}})
        text += said(arguments, exit_usage);
    expect_golden("usage-errors", text);
}

TEST(CommandLine, HelpHasExamples) {
    expect_golden("help", said({"--help"}, exit_done));
    expect_golden("help-wait", said({"wait", "--help"}, exit_done));
    expect_golden("help-metrics", said({"metrics", "--help"}, exit_done));
    expect_golden("help-report", said({"report", "--help"}, exit_done));
}
