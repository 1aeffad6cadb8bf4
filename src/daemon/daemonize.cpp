// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemonize.h"

#include "base/error.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace lvmpolld {

namespace {

int wait_for_word(FileDescriptor line, pid_t daemon) {
    char word = 0;
    ssize_t count = 0;
    do
        count = ::read(line.get(), &word, 1);
    while (count < 0 && errno == EINTR);
    if (count == 1)
        return 0;
    int status = 0;
    while (::waitpid(daemon, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1;
}

} // namespace

void Launcher::report_ready() {
    const FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null)
        throw_errno("cannot open /dev/null");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::dup2(null.get(), standard) < 0)
            throw_errno("cannot redirect a standard stream to /dev/null");
    const char word = 1;
    if (::write(line_.get(), &word, 1) != 1)
        throw_errno("cannot report to the process that started the daemon");
    line_.reset();
}

Daemonized daemonize() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno("cannot make a pipe");
    FileDescriptor reading(ends[0]);
    FileDescriptor writing(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0)
        throw_errno("cannot fork the daemon");
    if (pid > 0) {
        writing.reset();
        return {std::nullopt, wait_for_word(std::move(reading), pid)};
    }
    reading.reset();
    if (::setsid() < 0)
        throw_errno("cannot begin a session");
    if (::chdir("/") != 0)
        throw_errno("cannot change to /");
    return {Launcher(std::move(writing)), 0};
}

} // namespace lvmpolld
