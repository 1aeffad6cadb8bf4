// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/child_process.h"

#include "base/error.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <utility>

namespace lvmpolld {

namespace {

/// What a pipe holds: reading more at a time would let one child keep the loop from the others.
constexpr std::size_t most_bytes = std::size_t{64} * 1024;

} // namespace

Children::Process::Process(SpawnedProcess process, Child::Line line, Child::End end)
    : pidfd_(std::move(process.pidfd)), output_{std::move(process.output), {}},
      error_{std::move(process.error), {}}, line_(std::move(line)), end_(std::move(end)) {}

Children::Process::~Process() {
    for (auto* descriptor : {&output_.descriptor, &error_.descriptor, &pidfd_})
        close(*descriptor);
}

void Children::Process::watch_with(int epoll) {
    epoll_ = epoll;
    epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
    for (const int descriptor : {output_.descriptor.get(), error_.descriptor.get(), pidfd_.get()})
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
            throw_errno("cannot wait for a child");
}

void Children::Process::advance() {
    drain(output_, Child::Stream::output);
    drain(error_, Child::Stream::error);
    if (pidfd_)
        reap();
}

void Children::Process::drain(Pipe& pipe, Child::Stream stream) {
    const auto line = [&](std::string_view text) { line_(stream, text); };
    std::array<char, 16 * 1024> buffer;
    for (std::size_t total = 0; pipe.descriptor && total < most_bytes;) {
        const auto count = ::read(pipe.descriptor.get(), buffer.data(), buffer.size());
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            pipe.lines.finish(line);
            close(pipe.descriptor);
            return;
        }
        pipe.lines.feed({buffer.data(), static_cast<std::size_t>(count)}, line);
        total += static_cast<std::size_t>(count);
    }
}

void Children::Process::reap() {
    siginfo_t info{};
    ExitStatus status = Killed{SIGKILL}; // if somebody else has reaped it the true end can't be had
    if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info,
                 WEXITED | WNOHANG) == 0) {
        if (info.si_pid == 0)
            return;
        const bool exited = info.si_code == CLD_EXITED;
        status = exited ? ExitStatus(Exited{info.si_status}) : ExitStatus(Killed{info.si_status});
    }
    drain(output_, Child::Stream::output); // its last words
    drain(error_, Child::Stream::error);
    close(pidfd_);
    if (const auto end = std::exchange(end_, nullptr))
        end(status);
}

void Children::Process::close(FileDescriptor& descriptor) const noexcept {
    // Closing alone would not end the watch at once: another child may hold the same file until its
    // exec is done.
    if (descriptor)
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor.get(), nullptr);
    descriptor.reset();
}

void Children::Process::terminate() noexcept {
    if (pidfd_)
        ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGTERM, nullptr, 0);
}

} // namespace lvmpolld
