// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/spawn.h"

#include "base/directory.h"
#include "base/error.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <optional>

namespace lvmpolld {

namespace {

struct Pipe {
    FileDescriptor reading;
    FileDescriptor writing;
};

/// Only the reading end is non-blocking: the child expects an ordinary standard output.
std::optional<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::nullopt;
    Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
    if (::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK) != 0)
        return std::nullopt;
    return pipe;
}

class SpawnAttributes {
public:
    SpawnAttributes() {
        if (::posix_spawnattr_init(&attributes_) != 0)
            throw std::bad_alloc();
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::sigdelset(&signals, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }

    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    const posix_spawnattr_t* get() const noexcept { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

/// Makes descriptors 0, 1, 2 of the child. All others close at its exec, not before: the lock of
/// the state directory tells by them that a child is being born.
class Redirections {
public:
    Redirections(int input, int output, int error) {
        if (::posix_spawn_file_actions_init(&actions_) != 0 ||
            ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO) != 0 ||
            ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO) != 0 ||
            ::posix_spawn_file_actions_adddup2(&actions_, error, STDERR_FILENO) != 0)
            throw std::bad_alloc();
    }

    ~Redirections() { ::posix_spawn_file_actions_destroy(&actions_); }

    Redirections(const Redirections&) = delete;
    Redirections& operator=(const Redirections&) = delete;

    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (const auto& string : strings)
        result.push_back(const_cast<char*>(string.c_str())); // posix_spawn(3) promises not to write
    result.push_back(nullptr);
    return result;
}

} // namespace

void close_descriptors_on_exec() noexcept {
    if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    // A kernel before Linux 5.11.
    const Directory descriptors(::opendir("/proc/self/fd"));
    while (const dirent* entry = descriptors ? ::readdir(descriptors.get()) : nullptr)
        if (const auto descriptor = std::strtol(entry->d_name, nullptr, 10);
            descriptor > STDERR_FILENO)
            ::fcntl(static_cast<int>(descriptor), F_SETFD, FD_CLOEXEC);
}

std::variant<SpawnedProcess, SpawnFailure> spawn(const Command& command, rlim_t descriptor_limit) {
    using Stage = SpawnFailure::Stage;
    FileDescriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto output = make_pipe();
    auto error = make_pipe();
    if (!input || !output || !error)
        return SpawnFailure{Stage::redirect, errno};
    if (command.error_bytes != 0)
        ::fcntl(error->writing.get(), F_SETPIPE_SZ, command.error_bytes);
    // The parent holds the place of the pidfd while there may be no other: a child without one
    // can't be waited for.
    FileDescriptor place(::fcntl(input.get(), F_DUPFD_CLOEXEC, 0));
    if (!place)
        return SpawnFailure{Stage::redirect, errno};

    const SpawnAttributes attributes;
    const Redirections redirections(input.get(), output->writing.get(), error->writing.get());
    pid_t pid = -1;
    const int code =
        ::posix_spawn(&pid, command.arguments.front().c_str(), redirections.get(), attributes.get(),
                      pointers(command.arguments).data(), pointers(command.environment).data());
    if (code != 0)
        return SpawnFailure{Stage::execute, code};

    place.reset();
    FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        const int reason = errno;
        output->writing.reset(); // the child's is the last one: its end is the end of the pipe
        const bool reaped =
            reap_unwatched(pid, {.fd = output->reading.get(), .events = 0, .revents = 0});
        return SpawnFailure{Stage::execute, reason, reaped ? -1 : pid};
    }
    if (descriptor_limit != 0) {
        rlimit limit{};
        if (::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) == 0) {
            limit.rlim_cur = descriptor_limit;
            ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr);
        }
    }
    return SpawnedProcess{pid, std::move(pidfd), std::move(output->reading),
                          std::move(error->reading)};
}

bool reap_unwatched(pid_t pid, pollfd end, std::chrono::milliseconds patience) {
    ::kill(pid, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    int shown = 0;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        shown = ::poll(&end, 1, std::max(0, static_cast<int>(left.count())));
    } while (shown < 0 && errno == EINTR);
    if (shown != 1)
        return false;
    pid_t reaped = -1;
    do
        reaped = ::waitpid(pid, nullptr, 0); // a process closes its pipes a moment before its end
    while (reaped < 0 && errno == EINTR);
    return true;
}

bool reap_unwatched(pid_t pid) {
    const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    return reap_unwatched(pid, {.fd = pidfd.get(), .events = POLLIN, .revents = 0});
}

} // namespace lvmpolld
