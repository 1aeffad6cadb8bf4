// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/survivor.h"

#include "base/error.h"
#include "base/temporary_folder.h"
#include "base/text_file.h"
#include "process/spawn.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <list>
#include <set>
#include <sstream>

namespace lvmpolld {
namespace {

/// A process that lives until the test ends it.
class Sleeper {
public:
    explicit Sleeper(const std::string& variable, const std::string& program = "/bin/sleep")
        : process_(std::get<SpawnedProcess>(spawn({{program, "60"}, {variable}}, 0))) {}

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

/// A script that stays, marked, with a marked process of the same argument beneath it.
TEST(FindSurvivors, AScriptAndWhatItRunsAreOneRun) {
    const TemporaryFolder folder;
    const auto script = folder / "lvm";
    std::ofstream(script) << "#!/bin/sh\n/bin/sleep \"$1\" &\necho started\nwait\n";
    ASSERT_EQ(::chmod(script.c_str(), 0700), 0);
    auto started = std::get<SpawnedProcess>(
        spawn({{script, "60"}, {"LVMPOLLD_TEST=" + mark() + "/poll-1"}}, 0));
    pollfd output{.fd = started.output.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&output, 1, 20'000), 1);
    const auto survivors = found();
    ::kill(started.pid, SIGKILL);
    ::waitpid(started.pid, nullptr, 0);
    ASSERT_EQ(survivors.size(), 1U);
    std::set<pid_t> pids{survivors[0].pid};
    for (const auto& companion : survivors[0].companions) {
        EXPECT_EQ(companion.mark, survivors[0].mark);
        pids.insert(companion.pid);
    }
    EXPECT_EQ(pids.size(), 2U);
    EXPECT_TRUE(pids.contains(started.pid));
    pids.erase(started.pid);
    for (const pid_t pid : pids)
        ::kill(pid, SIGKILL);
}

/// A daemon may be killed between any two instructions of its child's exec.
TEST(FindSurvivors, OverlooksNoneInTheMiddleOfAnExec) {
    const TemporaryFolder folder;
    const auto script = folder / "lvm";
    std::ofstream(script) << "#!/bin/sh\nexec \"$0\" \"$@\"\n";
    ASSERT_EQ(::chmod(script.c_str(), 0700), 0);
    std::list<Sleeper> sleepers;
    while (sleepers.size() < 3)
        sleepers.emplace_back(
            "LVMPOLLD_TEST=" + mark() + "/poll-" + std::to_string(sleepers.size()), script);
    constexpr std::size_t looks = 40;
    std::size_t seen = 0;
    for (std::size_t look = 0; look < looks; ++look)
        seen += found().size();
    EXPECT_EQ(seen, looks * sleepers.size());
}

/// It has unmapped the pages where its arguments were, and lives until the test ends it.
class WithoutWords {
public:
    WithoutWords() {
        int ends[2];
        if (::pipe(ends) != 0)
            throw_errno("cannot make a pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            std::ifstream stat("/proc/self/stat");
            std::string text;
            std::getline(stat, text);
            std::istringstream fields(text.substr(text.rfind(')') + 1));
            std::string field;
            for (int number = 3; number <= 48; ++number)
                fields >> field;
            const auto page = std::stoul(field) & ~4095UL;
            ::munmap(reinterpret_cast<void*>(page), 4096); // NOLINT(performance-no-int-to-ptr)
            ::close(ends[1]);
            for (;;)
                ::pause();
        }
        ::close(ends[1]);
        char none = 0;
        [[maybe_unused]] const auto count = ::read(ends[0], &none, 1);
        ::close(ends[0]);
    }

    ~WithoutWords() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    WithoutWords(const WithoutWords&) = delete;
    WithoutWords& operator=(const WithoutWords&) = delete;

    std::string words() const {
        return read_text_file(("/proc/" + std::to_string(pid_) + "/cmdline").c_str()).value_or("");
    }

private:
    pid_t pid_ = -1;
};

TEST(FindSurvivors, DoesNotWaitForProcessesWithoutWords) {
    const std::array<WithoutWords, 20> processes;
    ASSERT_EQ(processes.front().words(), "");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(found().empty());
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1))
        << "it was 100 ms for each";
}

} // namespace
} // namespace lvmpolld
