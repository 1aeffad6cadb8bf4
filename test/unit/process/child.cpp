// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/child.h"

#include "base/error.h"
#include "base/temporary_folder.h"
#include "process/deadline.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A child and what it tells.
class ChildTest : public testing::Test {
protected:
    void start(const std::string& script) {
        start(Command{{"/bin/sh", "-c", script}, {"PATH=/bin:/usr/bin"}});
    }

    void start(const Command& command) {
        auto spawned = spawn(command);
        ASSERT_TRUE(std::holds_alternative<SpawnedProcess>(spawned));
        child = std::make_unique<Child>(
            children, std::move(std::get<SpawnedProcess>(spawned)),
            [this](Child::Stream stream, std::string_view line) {
                (stream == Child::Stream::output ? output : error).emplace_back(line);
            },
            [this](ExitStatus status) {
                ++ends;
                end = status;
            });
    }

    /// Runs the loop until `condition` holds.
    template <typename Condition>
    bool run_until(Condition condition) {
        const auto until = std::chrono::steady_clock::now() + deadline;
        while (!condition() && std::chrono::steady_clock::now() < until) {
            context.restart();
            context.run_one_until(until);
        }
        return condition();
    }

    bool run_until_end() {
        return run_until([this] { return end.has_value(); });
    }

    /// Runs the loop until the pipes are closed, too.
    bool run_until_silence() {
        child.reset();
        context.restart();
        context.run_for(deadline);
        return context.stopped();
    }

    asio::io_context context{1};
    Children children{context.get_executor()};
    std::vector<std::string> output;
    std::vector<std::string> error;
    std::optional<ExitStatus> end;
    int ends = 0;
    std::unique_ptr<Child> child;
};

/// A pipe with a name, by which a test holds a child back until it lets it go.
class Gate {
public:
    Gate() {
        if (::mkfifo(path().c_str(), 0600) != 0)
            throw_errno("cannot make " + path());
    }

    std::string path() const { return folder_ / "gate"; }

    /// For a shell: wait at the gate.
    std::string pass() const { return "read x < " + path(); }

    /// Waits until somebody has come to the gate.
    void await_arrival() { writing_.reset(::open(path().c_str(), O_WRONLY | O_CLOEXEC)); }

    void open() {
        await_arrival();
        if (::write(writing_.get(), "\n", 1) != 1)
            throw_errno("cannot write to " + path());
    }

private:
    TemporaryFolder folder_;
    FileDescriptor writing_;
};

TEST_F(ChildTest, ReportsItsExitCode) {
    for (const int code : {0, 5, 100, 255}) {
        end.reset();
        start("exit " + std::to_string(code));
        ASSERT_TRUE(run_until_end());
        EXPECT_EQ(*end, ExitStatus(Exited{code}));
    }
    EXPECT_EQ(ends, 4);
}

TEST_F(ChildTest, ReportsTheSignalThatKilledIt) {
    for (const int signal : {SIGKILL, SIGTERM, SIGABRT}) {
        end.reset();
        start("ulimit -c 0; kill -" + std::to_string(signal) + " $$");
        ASSERT_TRUE(run_until_end());
        EXPECT_EQ(*end, ExitStatus(Killed{signal}));
    }
}

TEST_F(ChildTest, IsReapedWhenItsEndIsReported) {
    start("exit 0");
    const auto pid = child->pid();
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST_F(ChildTest, TellsOutputFromErrorLineByLine) {
    start("echo one; echo two; echo bad >&2");
    ASSERT_TRUE(run_until_end());
    EXPECT_THAT(output, ElementsAre("one", "two"));
    EXPECT_THAT(error, ElementsAre("bad"));
}

TEST_F(ChildTest, OutputWithoutANewlineIsALine) {
    start("printf 'a\\nrest'; printf bad >&2; exit 3");
    ASSERT_TRUE(run_until_end());
    ASSERT_TRUE(run_until_silence());
    EXPECT_THAT(output, ElementsAre("a", "rest"));
    EXPECT_THAT(error, ElementsAre("bad"));
}

TEST_F(ChildTest, ASilentChildTellsNothing) {
    start("exit 0");
    ASSERT_TRUE(run_until_end());
    ASSERT_TRUE(run_until_silence());
    EXPECT_THAT(output, IsEmpty());
    EXPECT_THAT(error, IsEmpty());
}

TEST_F(ChildTest, PipesClosedLongBeforeTheExitDoNotEndItOrSpin) {
    Gate gate;
    start("echo bye; exec >&- 2>&-; " + gate.pass() + "; exit 3");
    ASSERT_TRUE(run_until([this] { return !output.empty(); }));
    gate.await_arrival();
    while (context.poll_one() > 0) {
    }
    EXPECT_EQ(context.poll(), 0U) << "the loop has nothing to do";
    EXPECT_FALSE(end);
    gate.open();
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Exited{3}));
    EXPECT_THAT(output, ElementsAre("bye"));
}

TEST_F(ChildTest, AGrandchildWithThePipesDoesNotDelayTheEnd) {
    Gate gate;
    start("(" + gate.pass() + "; echo late; printf later >&2) & echo early; exit 4");
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Exited{4}));
    EXPECT_THAT(output, ElementsAre("early"));
    gate.open();
    ASSERT_TRUE(run_until_silence()) << "and is heard when the child is forgotten";
    EXPECT_THAT(output, ElementsAre("early", "late"));
    EXPECT_THAT(error, ElementsAre("later"));
}

TEST_F(ChildTest, TerminateReachesIt) {
    start("echo ready; exec sleep 1000");
    ASSERT_TRUE(run_until([this] { return !output.empty(); }));
    child->terminate();
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Killed{SIGTERM}));
}

TEST_F(ChildTest, TerminateReachesItRightAfterTheStart) {
    start("exec sleep 1000");
    child->terminate();
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Killed{SIGTERM}));
}

TEST_F(ChildTest, TerminateIsNoKill) {
    start("trap 'echo caught; exit 5' TERM; echo ready; while :; do :; done");
    ASSERT_TRUE(run_until([this] { return !output.empty(); }));
    child->terminate();
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Exited{5}));
    EXPECT_THAT(output, ElementsAre("ready", "caught"));
}

TEST_F(ChildTest, TerminateAfterTheEndReachesNobody) {
    start("exit 0");
    ASSERT_TRUE(run_until_end());
    child->terminate();
    EXPECT_EQ(ends, 1);
}

TEST_F(ChildTest, MuchOutputDoesNotBlockIt) {
    constexpr std::size_t bytes = 1'000'000; // many times what a pipe holds
    const auto flood = "head -c " + std::to_string(bytes) + " /dev/zero | tr '\\0' x";
    start(flood + " & " + flood + " >&2; wait; exit 6");
    ASSERT_TRUE(run_until_end());
    EXPECT_EQ(*end, ExitStatus(Exited{6}));
    ASSERT_TRUE(run_until_silence());
    const auto sum = [](const std::vector<std::string>& lines) {
        std::size_t size = 0;
        for (const auto& line : lines)
            size += line.size();
        return size;
    };
    EXPECT_EQ(sum(output), bytes);
    EXPECT_EQ(sum(error), bytes);
}

TEST_F(ChildTest, AllOutputOfAnEndedChildIsRead) {
    // A full pipe is read in portions: the end is reported before the last one.
    start("head -c 65536 /dev/zero | tr '\\0' x; exit 7");
    ASSERT_TRUE(run_until_end());
    ASSERT_TRUE(run_until_silence());
    std::size_t size = 0;
    for (const auto& line : output)
        size += line.size();
    EXPECT_EQ(size, 65536U);
}

TEST_F(ChildTest, OneMayBeForgottenAtTheEndOfAnother) {
    const auto start_one = [this](Child::End done) {
        auto spawned = spawn(Command{{"/bin/true"}, {}});
        return std::make_unique<Child>(
            children, std::get<SpawnedProcess>(std::move(spawned)),
            [](Child::Stream, std::string_view) {}, std::move(done));
    };
    std::vector<std::unique_ptr<Child>> both(2);
    for (auto& one : both)
        one = start_one([&](ExitStatus) {
            ++ends;
            both.clear();
        });
    ASSERT_TRUE(run_until([this] { return ends > 0; }));
    ASSERT_TRUE(run_until_silence());
    EXPECT_EQ(ends, 1);
}

TEST_F(ChildTest, ItsEndIsNotReportedAfterItsDestruction) {
    start("exec sleep 1000");
    const auto pid = child->pid();
    child->terminate();
    ASSERT_TRUE(run_until_silence());
    EXPECT_EQ(ends, 0);
    EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1) << "but no zombie stays";
    EXPECT_EQ(errno, ECHILD);
}

} // namespace
} // namespace lvmpolld
