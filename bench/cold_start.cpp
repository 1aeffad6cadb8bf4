// SPDX-License-Identifier: LGPL-2.1-or-later
// cold_start SOCKET PROGRAM [ARGUMENT...]
// does what systemd does for a unit with a socket: listens at SOCKET, and when a client has come
// starts PROGRAM with the listening socket. Prints the ns from just before exec to the first reply,
// and stops PROGRAM.
#include "client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

namespace lvmpolld::bench {
namespace {

constexpr int first_passed_descriptor = 3; // sd_listen_fds(3)
constexpr int stop_patience = 5000;        // ms

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// A listening socket like that of lvm2-lvmpolld.socket with the unit's NonBlocking=yes.
FileDescriptor listen_at(const std::string& path) {
    const sockaddr_un address = address_of(path);
    FileDescriptor listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!listener ||
        bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener.get(), SOMAXCONN) != 0)
        throw_errno(path);
    return listener;
}

/// Becomes the program after the time was written to `clock`. No argument is
/// first_passed_descriptor.
[[noreturn]] void become(char** command, int listener, int clock) {
    setenv("SD_ACTIVATION", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "lvm2-lvmpolld.socket", 1);
    if (dup2(listener, first_passed_descriptor) == first_passed_descriptor) {
        const std::int64_t begin = now();
        if (write(clock, &begin, sizeof begin) == sizeof begin)
            execv(command[0], command);
    }
    std::perror(command[0]);
    _exit(127);
}

/// A running program, stopped and reaped at the end of its life.
class Process {
public:
    explicit Process(pid_t id)
        : id_(id), descriptor_(static_cast<int>(syscall(SYS_pidfd_open, id, 0))) {}

    Process(Process&&) = delete;

    ~Process() {
        kill(id_, SIGTERM);
        pollfd exit{descriptor_.get(), POLLIN, 0};
        if (poll(&exit, 1, stop_patience) != 1)
            kill(id_, SIGKILL);
        waitpid(id_, nullptr, 0);
    }

private:
    pid_t id_;
    FileDescriptor descriptor_;
};

/// `descriptor` at a number that is free in the program to be started.
FileDescriptor move_away(const FileDescriptor& descriptor) {
    FileDescriptor moved{fcntl(descriptor.get(), F_DUPFD_CLOEXEC, first_passed_descriptor + 1)};
    if (!moved)
        throw_errno("fcntl");
    return moved;
}

std::int64_t measure(const std::string& path, char** command) {
    FileDescriptor listener = move_away(listen_at(path));
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw_errno("pipe2");
    const FileDescriptor clock_reader{ends[0]};
    const FileDescriptor clock_writer = move_away(FileDescriptor{ends[1]});

    std::optional<Process>
        process; // stopped after the client has left: the reference waits for that
    Client client{path};
    client.send("request=\"hello\"\n\n##\n");
    const pid_t id = fork();
    if (id < 0)
        throw_errno("fork");
    if (id == 0)
        become(command, listener.get(), clock_writer.get());
    process.emplace(id);
    listener.reset(); // so that the client hears of a program that ended

    client.receive();
    const std::int64_t end = now();
    std::int64_t begin = 0;
    if (read(clock_reader.get(), &begin, sizeof begin) != sizeof begin)
        throw_errno("read");
    return end - begin;
}

} // namespace
} // namespace lvmpolld::bench

int main(int argc, char** argv) try {
    if (argc < 3)
        throw std::invalid_argument("cold_start SOCKET PROGRAM [ARGUMENT...]");
    std::printf("%lld\n", static_cast<long long>(lvmpolld::bench::measure(argv[1], argv + 2)));
    return 0;
} catch (const std::exception& error) {

    std::fprintf(stderr, "cold_start: %s\n", error.what());
    return 1;
}
