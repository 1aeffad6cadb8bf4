// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class OptionsTest : public testing::Test {
protected:
    OptionsTest() {
        ::unsetenv("LVM_LVMPOLLD_SOCKET");
        ::unsetenv("LVM_LVMPOLLD_PIDFILE");
    }

    ~OptionsTest() override {
        ::unsetenv("LVM_LVMPOLLD_SOCKET");
        ::unsetenv("LVM_LVMPOLLD_PIDFILE");
    }

    static Options parse(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "lvmpolld");
        std::vector<char*> pointers;
        for (auto& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        return parse_options(static_cast<int>(arguments.size()), pointers.data());
    }

    /// What the user is told; empty if the command line is taken.
    static std::string complaint(const std::vector<std::string>& arguments) {
        try {
            parse(arguments);
        } catch (const UsageError& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(OptionsTest, TheDefaultsAreTheClassicalDaemons) {
    const auto options = parse({});
    EXPECT_EQ(options.action, Options::Action::serve);
    EXPECT_FALSE(options.foreground);
    EXPECT_THAT(options.log_levels, IsEmpty());
    EXPECT_EQ(options.pidfile, "/run/lvmpolld.pid");
    EXPECT_EQ(options.socket, "/run/lvm/lvmpolld.socket");
    EXPECT_EQ(options.varlink_socket, "/run/lvm/io.lvmpolld");
    EXPECT_EQ(options.lvm, "/sbin/lvm");
    EXPECT_EQ(options.idle_exit, seconds(0));
    EXPECT_EQ(options.retention.age, seconds(3600));
    EXPECT_EQ(options.retention.results, 1000U);
    EXPECT_EQ(options.engine, Options::Engine::watch);
    EXPECT_EQ(options.verify, Verify::suspect);
}

TEST_F(OptionsTest, EveryOptionHasAShortForm) {
    const auto options =
        parse({"-f", "-p", "/p", "-s", "/s", "-B", "/lvm", "-t", "60", "-l", "wire"});
    EXPECT_TRUE(options.foreground);
    EXPECT_EQ(options.pidfile, "/p");
    EXPECT_EQ(options.socket, "/s");
    EXPECT_EQ(options.lvm, "/lvm");
    EXPECT_EQ(options.idle_exit, seconds(60));
    EXPECT_THAT(options.log_levels, UnorderedElementsAre(LogLevel::wire));
}

TEST_F(OptionsTest, EveryOptionHasALongForm) {
    const auto options =
        parse({"--foreground", "--pidfile", "/p", "--socket=/s", "--binary", "/lvm", "--timeout=60",
               "--log", "wire", "--result-age", "5", "--max-results=7"});
    EXPECT_TRUE(options.foreground);
    EXPECT_EQ(options.pidfile, "/p");
    EXPECT_EQ(options.socket, "/s");
    EXPECT_EQ(options.lvm, "/lvm");
    EXPECT_EQ(options.idle_exit, seconds(60));
    EXPECT_THAT(options.log_levels, UnorderedElementsAre(LogLevel::wire));
    EXPECT_EQ(options.retention.age, seconds(5));
    EXPECT_EQ(options.retention.results, 7U);
}

TEST_F(OptionsTest, ShortFormsCanBeJoined) {
    const auto options = parse({"-ft60", "-lall"});
    EXPECT_TRUE(options.foreground);
    EXPECT_EQ(options.idle_exit, seconds(60));
}

TEST_F(OptionsTest, ActionsOtherThanServing) {
    EXPECT_EQ(parse({"-V"}).action, Options::Action::show_version);
    EXPECT_EQ(parse({"--version"}).action, Options::Action::show_version);
    EXPECT_EQ(parse({"-h"}).action, Options::Action::show_help);
    EXPECT_EQ(parse({"--help"}).action, Options::Action::show_help);
    const auto dump = parse({"--dump", "-s", "/s"});
    EXPECT_EQ(dump.action, Options::Action::dump);
    EXPECT_EQ(dump.socket, "/s");
    EXPECT_EQ(parse({"-s", "/s", "--dump"}).socket, "/s");
}

TEST_F(OptionsTest, VariablesStandInForTheDefaults) {
    ::setenv("LVM_LVMPOLLD_SOCKET", "/variable/socket", 1);
    ::setenv("LVM_LVMPOLLD_PIDFILE", "/variable/pidfile", 1);
    EXPECT_EQ(parse({}).socket, "/variable/socket");
    EXPECT_EQ(parse({}).pidfile, "/variable/pidfile");
}

TEST_F(OptionsTest, OptionsWinOverVariables) {
    ::setenv("LVM_LVMPOLLD_SOCKET", "/variable/socket", 1);
    ::setenv("LVM_LVMPOLLD_PIDFILE", "/variable/pidfile", 1);
    const auto options = parse({"-s", "/s", "-p", "/p"});
    EXPECT_EQ(options.socket, "/s");
    EXPECT_EQ(options.pidfile, "/p");
}

TEST_F(OptionsTest, AnEmptyVariableIsNone) {
    ::setenv("LVM_LVMPOLLD_SOCKET", "", 1);
    ::setenv("LVM_LVMPOLLD_PIDFILE", "", 1);
    EXPECT_EQ(parse({}).socket, "/run/lvm/lvmpolld.socket");
    EXPECT_EQ(parse({}).pidfile, "/run/lvmpolld.pid");
}

TEST_F(OptionsTest, LogTakesWords) {
    EXPECT_THAT(parse({"-l", "fatal,error,warn,info,wire,debug,cmd"}).log_levels,
                UnorderedElementsAre(LogLevel::fatal, LogLevel::error, LogLevel::warning,
                                     LogLevel::info, LogLevel::wire, LogLevel::debug,
                                     LogLevel::command));
    EXPECT_EQ(parse({"-l", "all"}).log_levels.size(), 7U);
    EXPECT_EQ(parse({"-l", "debug,all"}).log_levels.size(), 7U);
}

TEST_F(OptionsTest, LogAddsUp) {
    EXPECT_THAT(parse({"-l", "wire", "-l", "cmd"}).log_levels,
                UnorderedElementsAre(LogLevel::wire, LogLevel::command));
}

TEST_F(OptionsTest, OnlyCmdMakesLvmVerbose) {
    EXPECT_TRUE(parse({"-l", "wire,cmd"}).verbose_lvm);
    EXPECT_TRUE(parse({"-l", "all", "-l", "cmd"}).verbose_lvm);
    EXPECT_FALSE(parse({"-l", "all"}).verbose_lvm);
    EXPECT_FALSE(parse({}).verbose_lvm);
}

TEST_F(OptionsTest, AnUnknownLogWordIsNoError) {
    EXPECT_THAT(parse({"-l", "nonsense,debug,,"}).log_levels,
                UnorderedElementsAre(LogLevel::debug));
    for (const auto* words : {"", ",", "nonsense", "DEBUG", "debug ", "debugging"})
        EXPECT_THAT(parse({"-l", words}).log_levels, IsEmpty()) << words;
}

TEST_F(OptionsTest, NumbersAreWholeAndBounded) {
    EXPECT_EQ(parse({"-t", "0"}).idle_exit, seconds(0));
    EXPECT_EQ(parse({"-t", "1000000000"}).idle_exit, seconds(1'000'000'000));
    for (const auto* text :
         {"", "-1", "+1", "1.5", "5s", " 5", "0x10", "1000000001", "99999999999999999999"})
        for (const std::string option : {"--timeout", "--result-age", "--max-results"})
            EXPECT_EQ(complaint({option, text}),
                      option + " takes a whole number from 0 to 1000000000, not '" + text + "'");
}

TEST_F(OptionsTest, EngineIsOneOfTwo) {
    EXPECT_EQ(parse({"--engine=watch"}).engine, Options::Engine::watch);
    EXPECT_EQ(parse({"--engine", "resident"}).engine, Options::Engine::resident);
    EXPECT_EQ(complaint({"--engine", "steam"}), "--engine is watch or resident, not 'steam'");
    EXPECT_NE(complaint({"--engine", ""}), "");
}

TEST_F(OptionsTest, VerifyIsOneOfThree) {
    EXPECT_EQ(parse({"--verify=suspect"}).verify, Verify::suspect);
    EXPECT_EQ(parse({"--verify=always"}).verify, Verify::always);
    EXPECT_EQ(parse({"--verify", "never"}).verify, Verify::never);
    EXPECT_EQ(complaint({"--verify", "maybe"}),
              "--verify is suspect, always or never, not 'maybe'");
    EXPECT_NE(complaint({"--verify", ""}), "");
}

TEST_F(OptionsTest, StateDirectoryFollowsTheSocketUnlessNamed) {
    EXPECT_EQ(parse({}).state_directory, "/run/lvm/lvmpolld.socket.state");
    EXPECT_EQ(parse({"-s", "/tmp/socket"}).state_directory, "/tmp/socket.state");
    EXPECT_EQ(parse({"--state-dir=/tmp/state", "-s", "/tmp/socket"}).state_directory, "/tmp/state");
    EXPECT_EQ(parse({"--state-dir", "none"}).state_directory, "");
    EXPECT_EQ(complaint({"--state-dir="}), "--state-dir takes a path");
}

TEST_F(OptionsTest, NothingIsAdoptedUnlessAsked) {
    EXPECT_FALSE(parse({}).adopt);
    EXPECT_TRUE(parse({"--adopt"}).adopt);
}

TEST_F(OptionsTest, AnEmptyPathIsRefused) {
    EXPECT_EQ(complaint({"-s", ""}), "--socket takes a path");
    EXPECT_EQ(complaint({"-p", ""}), "--pidfile takes a path");
    EXPECT_EQ(complaint({"-B", ""}), "--binary takes a path");
}

TEST_F(OptionsTest, AnUnknownOptionIsNamed) {
    EXPECT_THAT(complaint({"-x"}), HasSubstr("'-x'"));
    EXPECT_THAT(complaint({"--nonsense"}), HasSubstr("'--nonsense'"));
    EXPECT_THAT(complaint({"-f", "-fx"}), HasSubstr("x"));
    EXPECT_EQ(complaint({"--dump=x"}), "unknown option '--dump=x'");
}

TEST_F(OptionsTest, AnUnknownLetterAmongJoinedOnesIsNamed) {
    EXPECT_THAT(complaint({"-xf"}), HasSubstr("x"));
}

TEST_F(OptionsTest, AMissingValueIsNamed) {
    EXPECT_THAT(complaint({"-t"}), HasSubstr("'-t' needs a value"));
    EXPECT_THAT(complaint({"-f", "--socket"}), HasSubstr("'--socket' needs a value"));
}

TEST_F(OptionsTest, AnArgumentIsUnexpected) {
    EXPECT_THAT(complaint({"word"}), HasSubstr("'word'"));
    EXPECT_THAT(complaint({"--", "-f"}), HasSubstr("'-f'"));
}

TEST_F(OptionsTest, TheHelpNamesEveryOption) {
    const auto help = help_text("/usr/sbin/lvmpolld");
    for (const auto* option :
         {"-f, --foreground", "-s, --socket", "-p, --pidfile", "-B, --binary", "-t, --timeout",
          "-l, --log", "--engine", "--verify", "--result-age", "--max-results", "--state-dir",
          "--adopt", "--dump", "-V, --version", "-h, --help"})
        EXPECT_THAT(help, HasSubstr(option));
    EXPECT_THAT(help, HasSubstr("Usage: /usr/sbin/lvmpolld "));
}

TEST_F(OptionsTest, TheVersionIsOneLine) {
    EXPECT_THAT(version_text(), testing::MatchesRegex("lvmpolld version: [0-9.]+\n"));
}

TEST_F(OptionsTest, TheVarlinkSocketIsBesideAnotherSocket) {
    EXPECT_EQ(parse({"-s", "/run/test"}).varlink_socket, "/run/test.varlink");
    EXPECT_EQ(parse({"-s", "/run/test", "--varlink-socket=/run/v"}).varlink_socket, "/run/v");
    EXPECT_EQ(parse({"--varlink-socket=none"}).varlink_socket, "");
    EXPECT_THAT(complaint({"--varlink-socket="}), HasSubstr("--varlink-socket takes a path"));
}

} // namespace
} // namespace lvmpolld
