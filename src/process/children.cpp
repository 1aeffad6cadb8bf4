// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/children.h"

#include "base/error.h"
#include "process/child_process.h"

#include <sys/epoll.h>

namespace lvmpolld {

namespace {

/// So many events are handled before the loop's other work has its turn.
constexpr int most_events = 64;

FileDescriptor make_epoll_descriptor() {
    FileDescriptor descriptor(::epoll_create1(EPOLL_CLOEXEC));
    if (!descriptor)
        throw_errno("cannot wait for children");
    return descriptor;
}

} // namespace

Children::Children(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Children::~Children() {
    processes_.clear(); // while there is an epoll descriptor
}

void Children::add(const std::shared_ptr<Process>& process) {
    if (!ready_)
        ready_ = owner_of<asio::posix::stream_descriptor>(make_epoll_descriptor(), executor_);
    process->watch_with(ready_->native_handle());
    processes_.push_back(process);
    process->position = std::prev(processes_.end());
    try {
        wait();
    } catch (...) {
        processes_.pop_back();
        throw;
    }
}

void Children::wait() {
    if (waiting_)
        return;
    ready_->async_wait(asio::posix::stream_descriptor::wait_read,
                       [this](const asio::error_code& error) {
                           waiting_ = false;
                           if (!error)
                               dispatch();
                       });
    waiting_ = true;
}

void Children::dispatch() {
    // One event at a time: what is done about it may close what another one is about.
    epoll_event event{};
    for (int count = 0;
         count < most_events && ::epoll_wait(ready_->native_handle(), &event, 1, 0) == 1; ++count) {
        const auto process = static_cast<Process*>(event.data.ptr)->shared_from_this();
        process->advance();
        if (process->is_over())
            processes_.erase(process->position);
    }
    if (!processes_.empty())
        wait();
}

} // namespace lvmpolld
