// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/programs.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace lvmpolld::ctl {

namespace {

/// Between two pieces of output.
constexpr std::chrono::milliseconds patience{10000};

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

std::optional<std::string> output_of(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno("cannot make a pipe");
    const FileDescriptor reading(ends[0]);
    FileDescriptor writing(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    pid_t child = -1;
    const int error = spawn_program(arguments, &actions, child);
    ::posix_spawn_file_actions_destroy(&actions);
    writing.reset();
    if (error != 0)
        return std::nullopt;
    std::string text;
    std::array<char, 4096> part;
    pollfd polled{.fd = reading.get(), .events = POLLIN, .revents = 0};
    for (;;) {
        const int ready = ::poll(&polled, 1, static_cast<int>(patience.count()));
        if (ready == 0) {
            ::kill(child, SIGTERM);
            wait_for(child);
            return std::nullopt;
        }
        const auto count = ::read(reading.get(), part.data(), part.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        if (text.size() < part.size())
            text.append(part.data(), static_cast<std::size_t>(count));
    }
    wait_for(child);
    return text;
}

} // namespace lvmpolld::ctl
