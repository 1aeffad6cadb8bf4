// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/spawn.h"

#include "base/forked.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace lvmpolld {
namespace {

using testing::HasSubstr;

/// Everything that `descriptor` (non-blocking) gives until its end.
std::string read_all(int descriptor) {
    std::string text;
    for (;;) {
        pollfd readable{descriptor, POLLIN, 0};
        ::poll(&readable, 1, -1);
        char buffer[4096];
        const auto count = ::read(descriptor, buffer, sizeof(buffer));
        if (count == 0)
            return text;
        if (count > 0)
            text.append(buffer, static_cast<std::size_t>(count));
        else if (errno != EAGAIN && errno != EINTR)
            return text + " (" + std::to_string(errno) + ")";
    }
}

int wait_for(const SpawnedProcess& process) {
    int status = 0;
    while (::waitpid(process.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

SpawnedProcess started(const Command& command, rlim_t descriptor_limit = 0) {
    auto spawned = spawn(command, descriptor_limit);
    if (const auto* failure = std::get_if<SpawnFailure>(&spawned))
        throw_errno(command.arguments.front(), failure->code);
    return std::move(std::get<SpawnedProcess>(spawned));
}

/// What the command writes to its standard output.
std::string output_of(const Command& command) {
    const auto process = started(command);
    auto text = read_all(process.output.get());
    wait_for(process);
    return text;
}

std::uint64_t signal_set(const std::string& status, const std::string& name) {
    const auto at = status.find(name + ":");
    return at == status.npos ? ~0ULL
                             : std::stoull(status.substr(at + name.size() + 1), nullptr, 16);
}

constexpr std::uint64_t mask_of(int signal) {
    return 1ULL << (signal - 1);
}

TEST(Spawn, HandsOverArgumentsAndEnvironmentOnly) {
    ::setenv("LVMPOLLD_TEST_OF_THE_PARENT", "1", 1);
    EXPECT_EQ(output_of({{"/usr/bin/env"}, {"A=1", "B=two words"}}), "A=1\nB=two words\n");
    EXPECT_EQ(output_of({{"/usr/bin/printf", "<%s>", "", "a b", "*"}, {}}), "<><a b><*>");
    ::unsetenv("LVMPOLLD_TEST_OF_THE_PARENT");
}

TEST(Spawn, StandardErrorHasAPipeOfItsOwn) {
    const auto process = started({{"/bin/sh", "-c", "echo out; echo err >&2"}, {}});
    EXPECT_EQ(read_all(process.output.get()), "out\n");
    EXPECT_EQ(read_all(process.error.get()), "err\n");
    EXPECT_EQ(wait_for(process), 0);
}

TEST(Spawn, StandardErrorHoldsWhatIsAskedFor) {
    const auto process = started({{"/bin/true"}, {}, 1 << 20});
    EXPECT_EQ(::fcntl(process.error.get(), F_GETPIPE_SZ), 1 << 20);
    wait_for(process);
}

TEST(Spawn, StandardInputIsEmpty) {
    EXPECT_EQ(output_of({{"/bin/readlink", "/proc/self/fd/0"}, {}}), "/dev/null\n");
}

TEST(Spawn, TheChildHasDescriptors0To2AndNoOther) {
    // ls itself opens the folder, as 3: it could not if anything else were open.
    EXPECT_EQ(forked([] {
                  for (const int number : {3, 100, 1000})
                      if (::fcntl(STDERR_FILENO, F_DUPFD, number) < 0) // without CLOEXEC
                          return std::string("F_DUPFD failed");
                  close_descriptors_on_exec();
                  return output_of({{"/bin/ls", "/proc/self/fd"}, {}});
              }),
              "0\n1\n2\n3\n");
}

TEST(Spawn, WorksWithoutStandardDescriptorsOfItsOwn) {
    // The daemon may have been started with any of them closed: then its pipes get these numbers.
    for (int closed = 0; closed < 8; ++closed)
        EXPECT_EQ(forked([closed] {
                      for (const int number : {0, 1, 2})
                          if ((closed >> number & 1) != 0)
                              ::close(number);
                      close_descriptors_on_exec();
                      const auto process =
                          started({{"/bin/sh", "-c",
                                    "readlink /proc/self/fd/0; ls /proc/self/fd; echo err >&2"},
                                   {}});
                      return read_all(process.output.get()) + read_all(process.error.get());
                  }),
                  "/dev/null\n0\n1\n2\n3\nerr\n")
            << closed;
}

TEST(Spawn, TheChildIgnoresSigpipeAloneAndBlocksNothing) {
    const auto status = forked([] {
        ::signal(SIGPIPE, SIG_IGN); // as main does
        for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGRTMAX})
            ::signal(signal, SIG_IGN);
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        return output_of({{"/bin/cat", "/proc/self/status"}, {}});
    });
    EXPECT_EQ(signal_set(status, "SigBlk"), 0U) << status;
    // glibc's posix_spawn ignores the two signals that it keeps to itself, 32 and 33.
    const auto internal = mask_of(32) | mask_of(33);
    EXPECT_EQ(signal_set(status, "SigIgn") & ~internal, mask_of(SIGPIPE)) << status;
    EXPECT_EQ(signal_set(status, "SigCgt"), 0U) << status;
}

TEST(Spawn, ThePidfdIsTheChilds) {
    const auto process = started({{"/bin/sleep", "1000"}, {}});
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 0), 0) << "it runs";
    ::kill(process.pid, SIGKILL);
    EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
    siginfo_t info{};
    EXPECT_EQ(::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process.pidfd.get()),
                       &info, WEXITED),
              0);
    EXPECT_EQ(info.si_pid, process.pid);
    EXPECT_EQ(info.si_status, SIGKILL);
}

TEST(Spawn, OnlyTheReadingEndsOfItsPipesDoNotBlock) {
    const auto process = started({{"/bin/cat", "/proc/self/fdinfo/1"}, {}});
    for (const int descriptor : {process.pidfd.get(), process.output.get(), process.error.get()})
        EXPECT_EQ(::fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    EXPECT_NE(::fcntl(process.output.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(process.error.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_THAT(read_all(process.output.get()), HasSubstr("flags:\t01\n")) << "O_WRONLY alone";
    wait_for(process);
}

TEST(Spawn, TheChildGetsTheDescriptorLimitThatWasAskedFor) {
    const auto process = started({{"/bin/sleep", "1000"}, {}}, 77);
    rlimit own{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &own), 0);
    rlimit limit{};
    EXPECT_EQ(::prlimit(process.pid, RLIMIT_NOFILE, nullptr, &limit), 0);
    EXPECT_EQ(limit.rlim_cur, 77U);
    EXPECT_EQ(limit.rlim_max, own.rlim_max);
    ::kill(process.pid, SIGKILL);
    wait_for(process);
}

TEST(Spawn, AMissingProgramIsAFailureToExecute) {
    const auto spawned = spawn({{"/no/such/program"}, {}});
    const auto* const failure = std::get_if<SpawnFailure>(&spawned);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->stage, SpawnFailure::Stage::execute);
    EXPECT_EQ(failure->code, ENOENT);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST(Spawn, AFolderIsNoProgram) {
    const auto spawned = spawn({{"/"}, {}});
    const auto* const failure = std::get_if<SpawnFailure>(&spawned);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->stage, SpawnFailure::Stage::execute);
    EXPECT_EQ(failure->code, EACCES);
}

std::string open_descriptors(int below) {
    std::string text;
    for (int number = 0; number < below; ++number)
        if (::fcntl(number, F_GETFD) >= 0)
            text.append(text.empty() ? "" : " ").append(std::to_string(number));
    return text;
}

TEST(Spawn, WithoutDescriptorsFailsAndLeavesNothing) {
    constexpr int needed = 6; // /dev/null, two pipes, the place of the pidfd
    EXPECT_EQ(forked([] {
                  constexpr int used = 64;
                  while (::fcntl(0, F_DUPFD, 0) < used) {
                  }
                  ::close_range(used, ~0U, 0);
                  for (int room = 0; room < needed; ++room) {
                      const rlimit limit{static_cast<rlim_t>(used + room),
                                         static_cast<rlim_t>(used + needed)};
                      if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
                          return std::string("setrlimit failed");
                      const auto before = open_descriptors(used + needed);
                      const auto spawned = spawn({{"/bin/true"}, {}});
                      const auto* const failure = std::get_if<SpawnFailure>(&spawned);
                      if (failure == nullptr || failure->stage != SpawnFailure::Stage::redirect ||
                          failure->code != EMFILE)
                          return "not a failure with room for " + std::to_string(room);
                      if (open_descriptors(used + needed) != before)
                          return "descriptors are left with room for " + std::to_string(room);
                      if (::waitpid(-1, nullptr, WNOHANG) != -1)
                          return "a child is left with room for " + std::to_string(room);
                  }
                  const rlimit enough{used + needed, used + needed};
                  ::setrlimit(RLIMIT_NOFILE, &enough);
                  return wait_for(started({{"/bin/true"}, {}})) == 0
                             ? std::string()
                             : std::string("/bin/true failed");
              }),
              "");
}

TEST(ReapUnwatched, EndsTheChild) {
    const auto process = started({{"/bin/sleep", "60"}, {}});
    EXPECT_TRUE(reap_unwatched(process.pid));
    EXPECT_EQ(::waitpid(process.pid, nullptr, WNOHANG), -1);
}

TEST(ReapUnwatched, LeavesOneThatDoesNotEnd) {
    const auto process =
        started({{"/bin/sh", "-c", "trap '' TERM; echo ready; exec /bin/sleep 60"}, {}});
    pollfd output{.fd = process.output.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&output, 1, 20'000), 1);
    const pollfd end{.fd = process.pidfd.get(), .events = POLLIN, .revents = 0};
    EXPECT_FALSE(reap_unwatched(process.pid, end, std::chrono::milliseconds(1)));
    EXPECT_EQ(::waitpid(process.pid, nullptr, WNOHANG), 0) << "it lives";
    ::kill(process.pid, SIGKILL);
    wait_for(process);
}

} // namespace
} // namespace lvmpolld
