// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/kernel_watch.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>

#include <system_error>

namespace lvmpolld {

KernelWatch::Subscription::Subscription(KernelWatch& watch, Interest interest) : watch_(watch) {
    watch_.interests_.push_front(std::move(interest));
    position_ = watch_.interests_.begin();
    try {
        if (!watch_.events_)
            watch_.listen();
        // What happened between the caller's look and the arming is noticed here.
        const auto& mine = *position_;
        if (mine.event_number && watch_.kernel_.event_number(mine.uuid) != mine.event_number)
            mine.wake();
    } catch (...) {
        watch_.remove(position_);
        throw;
    }
}

KernelWatch::Subscription::~Subscription() {
    watch_.remove(position_);
}

void KernelWatch::remove(std::list<Interest>::iterator position) {
    interests_.erase(position);
    if (interests_.empty()) {
        events_.reset();
        pause_.cancel();
        ++listening_;
    }
}

void KernelWatch::listen() {
    FileDescriptor duplicate(::fcntl(kernel_.event_descriptor(), F_DUPFD_CLOEXEC, 0));
    if (!duplicate)
        throw_errno("cannot watch device-mapper's events");
    events_ = owner_of<asio::posix::stream_descriptor>(std::move(duplicate), executor_);
    arm_and_wait();
}

void KernelWatch::arm_and_wait() {
    kernel_.arm();
    events_->async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, listening = listening_](const asio::error_code& error) {
                            if (!error && listening == listening_)
                                dispatch_in_time();
                        });
}

void KernelWatch::dispatch_in_time() {
    if (clock_.now() >= next_dispatch_)
        return dispatch();
    clock_.arm(pause_, next_dispatch_);
    pause_.async_wait([this, listening = listening_](const asio::error_code&) {
        if (listening == listening_)
            dispatch();
    });
}

void KernelWatch::dispatch() {
    next_dispatch_ = clock_.now() + shortest_pause;
    try {
        arm_and_wait();
        for (const auto& interest : interests_)
            if (!interest.event_number || kernel_.event_number(interest.uuid) != interest.event_number)
                interest.wake();
    } catch (const std::system_error&) {
        events_.reset(); // the next subscriber listens again
        ++listening_;
        for (const auto& interest : interests_)
            interest.wake(); // each of them looks and meets the error itself
    }
}

} // namespace lvmpolld
