// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/kernel_watch.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <system_error>

namespace lvmpolld {

namespace {

bool is_readable(int descriptor) {
    pollfd question{descriptor, POLLIN, 0};
    return ::poll(&question, 1, 0) > 0;
}

} // namespace

KernelWatch::Subscription::Subscription(KernelWatch& watch, Interest interest)
    : watch_(watch), began_(!watch.started_) {
    watch_.interests_.push_front(std::move(interest));
    position_ = watch_.interests_.begin();
    try {
        if (began_)
            watch_.start();
        // What happened between the caller's look and the arming is noticed here.
        const auto& mine = *position_;
        if (mine.concerns && mine.concerns())
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
    if (interests_.empty())
        stop();
}

void KernelWatch::start() {
    kernel_.arm();
    listen();
    started_ = true;
}

void KernelWatch::stop() {
    events_.reset();
    pause_.reset();
    started_ = false;
    ++starts_;
}

void KernelWatch::listen() {
    FileDescriptor duplicate(::fcntl(kernel_.event_descriptor(), F_DUPFD_CLOEXEC, 0));
    if (!duplicate)
        throw_errno("cannot watch device-mapper's events");
    events_ = owner_of<asio::posix::stream_descriptor>(std::move(duplicate), executor_);
    events_->async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, start = starts_](const asio::error_code& error) {
                            if (!error && start == starts_)
                                dispatch();
                        });
}

void KernelWatch::dispatch() {
    try {
        kernel_.arm();
        if (wake())
            duration_ = shortest_pause;
        pause();
    } catch (const std::system_error&) {
        fail();
    }
}

bool KernelWatch::wake() {
    bool somebody = false;
    for (const auto& interest : interests_) {
        if (interest.concerns && !interest.concerns())
            continue;
        interest.wake();
        somebody = true;
    }
    return somebody;
}

void KernelWatch::pause() {
    events_.reset(); // listened to, it would wake this thread at each further event
    if (!pause_)
        pause_.emplace(executor_);
    clock_.arm(*pause_, clock_.now() + duration_);
    duration_ = std::min(2 * duration_, longest_pause);
    pause_->async_wait([this, start = starts_](const asio::error_code&) {
        if (start == starts_)
            go_on();
    });
}

void KernelWatch::go_on() {
    if (is_readable(kernel_.event_descriptor()))
        return dispatch();
    duration_ = shortest_pause;
    try {
        listen();
    } catch (const std::system_error&) {
        fail();
    }
}

void KernelWatch::fail() {
    stop(); // the next subscriber starts again
    for (const auto& interest : interests_)
        interest.wake(); // each of them looks and meets the error itself
}

} // namespace lvmpolld
