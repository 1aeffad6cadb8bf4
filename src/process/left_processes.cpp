// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/left_processes.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

/// No event tells that there are descriptors again.
constexpr std::chrono::milliseconds retry_pause{200};

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
    const bool looked = try_to_look();
    if (looked && processes_.empty())
        return false;
    gone_ = std::move(gone);
    return true;
}

void LeftProcesses::wait(Survivor known, std::function<void()> gone) {
    gone_ = std::move(gone);
    try {
        add(std::move(known));
    } catch (const std::system_error&) {
        if (processes_.empty())
            retry();
    }
}

bool LeftProcesses::try_to_look() {
    try {
        look();
        return true;
    } catch (const std::system_error&) {
        if (processes_.empty())
            retry();
        return false;
    }
}

void LeftProcesses::retry() {
    pause_.emplace(executor_, retry_pause);
    pause_->async_wait([this, exists = exists_](const asio::error_code& error) {
        if (!error && *exists && processes_.empty())
            look_for_the_last();
    });
}

void LeftProcesses::look_for_the_last() {
    if (try_to_look() && processes_.empty())
        std::exchange(gone_, nullptr)();
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
    const auto end = [this, exists = exists_,
                      place = std::prev(processes_.end())](const asio::error_code& error) {
        if (!error && *exists)
            ended(place);
    };
    try {
        process.pidfd.async_wait(asio::posix::stream_descriptor::wait_read, end);
    } catch (...) {
        processes_.pop_back(); // nobody would hear of its end
        throw;
    }
}

void LeftProcesses::ended(std::list<Process>::iterator place) {
    processes_.erase(place);
    if (processes_.empty() && gone_)
        look_for_the_last();
}

void LeftProcesses::terminate() noexcept {
    terminated_ = true;
    for (auto& process : processes_)
        send_sigterm(process.pidfd.native_handle());
}

} // namespace lvmpolld
