// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/left_processes.h"

#include "base/error.h"
#include "process/deadline.h"
#include "process/spawn.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace lvmpolld {
namespace {

/// Children stand for the processes of others: that they have to be reaped is the only difference.
class LeftProcessesTest : public testing::Test {
protected:
    ~LeftProcessesTest() override {
        for (const pid_t pid : pids) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
    }

    /// The next look finds one more.
    void appear() {
        pids.push_back(std::get<SpawnedProcess>(spawn({{"/bin/sleep", "60"}, {}})).pid);
        found.push_back(
            {"mark", pids.back(),
             FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pids.back(), 0)))});
    }

    /// One ends after the other.
    void expect_two_are_waited_for() {
        ::kill(pids[0], SIGKILL);
        context.run_one_for(deadline);
        EXPECT_EQ(gone, 0);
        EXPECT_EQ(left.pid(), pids[1]);
        ::kill(pids[1], SIGKILL);
        context.run_for(deadline);
        EXPECT_EQ(gone, 1);
    }

    static bool is_alive(pid_t pid) {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == 0;
    }

    std::vector<pid_t> pids;
    std::vector<Survivor> found;
    asio::io_context context{1};
    int looks = 0;
    int gone = 0;
    int failures = 0; ///< of the next looks
    LeftProcesses left{context.get_executor(), [this] {
                           ++looks;
                           if (failures > 0 && failures-- > 0)
                               throw_errno("no descriptor", EMFILE);
                           return std::exchange(found, {});
                       }};
};

TEST_F(LeftProcessesTest, OfNoneThereIsNothingToWaitFor) {
    EXPECT_FALSE(left.wait([this] { ++gone; }));
    EXPECT_EQ(left.pid(), -1);
}

TEST_F(LeftProcessesTest, TheLastEndsTheWait) {
    appear();
    appear();
    ASSERT_TRUE(left.wait([this] { ++gone; }));
    expect_two_are_waited_for();
    EXPECT_EQ(looks, 2) << "there may have been new ones";
}

TEST_F(LeftProcessesTest, WhatAppearsMeanwhileIsWaitedForToo) {
    appear();
    ASSERT_TRUE(left.wait([this] { ++gone; }));
    appear();
    expect_two_are_waited_for();
}

TEST_F(LeftProcessesTest, ALookThatFailsIsMadeAgain) {
    appear();
    ASSERT_TRUE(left.wait([this] { ++gone; }));
    appear();
    failures = 2;
    ::kill(pids[0], SIGKILL);
    context.run_one_for(deadline);
    EXPECT_EQ(gone, 0) << "another one may be left";
    while (left.pid() < 0 && context.run_one_for(deadline) > 0) {
    }
    ASSERT_EQ(left.pid(), pids[1]);
    ::kill(pids[1], SIGKILL);
    context.run_for(deadline);
    EXPECT_EQ(gone, 1);
}

TEST_F(LeftProcessesTest, AFirstLookThatFailsIsMadeAgain) {
    failures = 1;
    ASSERT_TRUE(left.wait([this] { ++gone; }));
    EXPECT_EQ(gone, 0);
    context.run_for(deadline);
    EXPECT_EQ(gone, 1);
}

TEST_F(LeftProcessesTest, AKnownOneThatCannotBeWatchedIsLookedFor) {
    appear();
    left.wait({"mark", pids[0], FileDescriptor(1 << 20)}, [this] { ++gone; });
    while (left.pid() < 0 && context.run_one_for(deadline) > 0) {
    }
    ASSERT_EQ(left.pid(), pids[0]);
    ::kill(pids[0], SIGKILL);
    context.run_for(deadline);
    EXPECT_EQ(gone, 1);
}

TEST_F(LeftProcessesTest, TerminateReachesTheKnownAndTheNew) {
    appear();
    ASSERT_TRUE(left.wait([this] { ++gone; }));
    left.terminate();
    appear();
    context.run_for(deadline);
    EXPECT_EQ(gone, 1);
    for (const pid_t pid : pids)
        EXPECT_FALSE(is_alive(pid));
}

} // namespace
} // namespace lvmpolld
