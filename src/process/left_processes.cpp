// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/left_processes.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace lvmpolld {

namespace {

void send_sigterm(int pidfd) noexcept {
    ::syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, nullptr, 0);
}

} // namespace

LeftProcesses::LeftProcesses(asio::any_io_executor executor, Find find)
    : executor_(std::move(executor)), find_(std::move(find)) {}

LeftProcesses::~LeftProcesses() {
    *exists_ = false;
}

void LeftProcesses::look() {
    for (auto& survivor : find_())
        add(std::move(survivor));
}

bool LeftProcesses::wait(std::function<void()> gone) {
    look();
    if (processes_.empty())
        return false;
    gone_ = std::move(gone);
    return true;
}

void LeftProcesses::wait(Survivor known, std::function<void()> gone) {
    gone_ = std::move(gone);
    add(std::move(known));
}

void LeftProcesses::add(Survivor&& survivor) {
    for (auto& companion : survivor.companions)
        add(std::move(companion));
    if (std::ranges::count(processes_, survivor.pid, &Process::pid) != 0)
        return;
    auto& process = processes_.emplace_back(
        survivor.pid,
        owner_of<asio::posix::stream_descriptor>(std::move(survivor.pidfd), executor_));
    if (terminated_)
        send_sigterm(process.pidfd.native_handle());
    process.pidfd.async_wait(asio::posix::stream_descriptor::wait_read,
                             [this, exists = exists_,
                              place = std::prev(processes_.end())](const asio::error_code& error) {
                                 if (!error && *exists)
                                     ended(place);
                             });
}

void LeftProcesses::ended(std::list<Process>::iterator place) {
    processes_.erase(place);
    if (!processes_.empty() || !gone_)
        return;
    look();
    if (processes_.empty())
        std::exchange(gone_, nullptr)();
}

void LeftProcesses::terminate() noexcept {
    terminated_ = true;
    for (auto& process : processes_)
        send_sigterm(process.pidfd.native_handle());
}

} // namespace lvmpolld
