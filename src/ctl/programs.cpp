// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/programs.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace lvmpolld::ctl {

namespace {

/// How long a program that was told to end is waited for.
constexpr std::chrono::milliseconds patience_with_end{1000};

/// The errno, or 0.
int spawn_program(const std::vector<std::string>& arguments,
                  const posix_spawn_file_actions_t* actions, pid_t& child) {
    auto copies = arguments;
    std::vector<char*> argv;
    argv.reserve(copies.size() + 1);
    for (auto& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    return ::posix_spawnp(&child, argv.front(), actions, nullptr, argv.data(), environ);
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            throw_errno("cannot wait for a child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

int run_program(const std::vector<std::string>& arguments) {
    pid_t child = -1;
    if (const int error = spawn_program(arguments, nullptr, child); error != 0)
        throw_errno("cannot run " + arguments.front(), error);
    return wait_for(child);
}

namespace {

/// A child whose standard output, at least, goes into a pipe.
struct Piped {
    pid_t pid = -1;
    FileDescriptor process; ///< pidfd
    FileDescriptor output;
    int error = 0; ///< why there is none
};

Piped start(const std::vector<std::string>& arguments, bool errors) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno("cannot make a pipe");
    Piped child;
    child.output = FileDescriptor(ends[0]);
    const FileDescriptor writing(ends[1]);
    ::fcntl(child.output.get(), F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    if (errors)
        ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
    else
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    child.error = spawn_program(arguments, &actions, child.pid);
    ::posix_spawn_file_actions_destroy(&actions);
    if (child.error == 0)
        child.process = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    return child;
}

/// False if it does not end in that time.
bool ends_within(const Piped& child, std::chrono::milliseconds time) {
    pollfd polled{.fd = child.process.get(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, static_cast<int>(time.count())) > 0;
}

/// One that hangs in the kernel is left behind: init will reap it.
void end(const Piped& child) {
    for (const int signal : {SIGTERM, SIGKILL}) {
        ::kill(child.pid, signal);
        if (ends_within(child, patience_with_end)) {
            wait_for(child.pid);
            return;
        }
    }
}

/// Takes what is there. False at the end of it.
bool read_some(const Piped& child, Captured& captured, std::size_t most) {
    std::array<char, 4096> part;
    for (;;) {
        const auto count = ::read(child.output.get(), part.data(), part.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 && errno == EAGAIN;
        const auto size = std::min(static_cast<std::size_t>(count), most - captured.text.size());
        captured.text.append(part.data(), size);
        captured.cut = captured.cut || size < static_cast<std::size_t>(count);
    }
}

} // namespace

Captured capture(const std::vector<std::string>& arguments, const Capture& what) {
    using Time = std::chrono::steady_clock;
    Captured captured;
    const auto child = start(arguments, what.errors);
    if (child.error != 0) {
        captured.trouble = "cannot run " + arguments.front() + ": " + std::strerror(child.error);
        return captured;
    }
    const auto until = Time::now() + what.patience;
    std::array<pollfd, 2> polled{pollfd{.fd = child.output.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = child.process.get(), .events = POLLIN, .revents = 0}};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Time::now()).count();
        const int ready =
            left > 0 ? ::poll(polled.data(), polled.size(), static_cast<int>(left)) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (!read_some(child, captured, what.most))
            polled[0].fd = -1;
        if (ready <= 0) {
            end(child);
            captured.trouble = arguments.front() + " did not end within " +
                               std::to_string(what.patience.count() / 1000) + " s";
            return captured;
        }
        if (polled[1].revents != 0) { // others that hold the pipe are not waited for
            captured.status = wait_for(child.pid);
            return captured;
        }
    }
}

std::optional<std::string> output_of(const std::vector<std::string>& arguments) {
    auto captured = capture(arguments, {});
    return captured.trouble.empty() ? std::optional(std::move(captured.text)) : std::nullopt;
}

} // namespace lvmpolld::ctl
