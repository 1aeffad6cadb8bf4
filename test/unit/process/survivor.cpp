// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/survivor.h"

#include "process/spawn.h"

#include <signal.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

/// A process that lives until the test ends it.
class Sleeper {
public:
    explicit Sleeper(const std::string& variable)
        : process_(std::get<SpawnedProcess>(spawn({{"/bin/sleep", "60"}, {variable}}, 0))) {}

    ~Sleeper() {
        ::kill(process_.pid, SIGKILL);
        ::waitpid(process_.pid, nullptr, 0);
    }

    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

    pid_t pid() const { return process_.pid; }

private:
    SpawnedProcess process_;
};

std::string mark() {
    return "/survivor-test-" + std::to_string(::getpid());
}

std::vector<Survivor> found() {
    return find_survivors("60", "LVMPOLLD_TEST", mark());
}

TEST(FindSurvivors, FindsAMarkedProcessByItsMark) {
    const Sleeper sleeper("LVMPOLLD_TEST=" + mark() + "/poll-1");
    const auto survivors = found();
    ASSERT_EQ(survivors.size(), 1U);
    EXPECT_EQ(survivors[0].mark, mark() + "/poll-1");
    EXPECT_EQ(survivors[0].pid, sleeper.pid());
    EXPECT_TRUE(survivors[0].pidfd);
}

TEST(FindSurvivors, AnotherMarkOrAnotherCommandIsNoneOfOurs) {
    const Sleeper other_mark("LVMPOLLD_TEST=/elsewhere/poll-1");
    const Sleeper other_variable("NOT_LVMPOLLD_TEST=" + mark() + "/poll-1");
    EXPECT_TRUE(found().empty());
    const Sleeper marked("LVMPOLLD_TEST=" + mark() + "/poll-1");
    EXPECT_TRUE(find_survivors("lvpoll", "LVMPOLLD_TEST", mark()).empty());
}

TEST(FindSurvivors, OneThatHasEndedIsNone) {
    { const Sleeper sleeper("LVMPOLLD_TEST=" + mark() + "/poll-1"); }
    EXPECT_TRUE(found().empty());
}

} // namespace
} // namespace lvmpolld
