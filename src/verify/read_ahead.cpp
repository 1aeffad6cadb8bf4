// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/read_ahead.h"

namespace lvmpolld::verify {

ReadAhead::ReadAhead(const LegReader& leg, std::uint64_t length) : leg_(leg), length_(length) {
    for (std::jthread& thread : threads_)
        thread = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

ReadAhead::~ReadAhead() {
    for (std::jthread& thread : threads_)
        thread.request_stop(); // all of them, before the first is waited for
}

const ReadAhead::Slice* ReadAhead::front(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const Slice& slice = slices_[taken_ % depth];
    if (!changed_.wait(lock, stop, [&] { return slice.filled; }))
        return nullptr;
    return &slice;
}

void ReadAhead::pop() {
    {
        const std::lock_guard lock(mutex_);
        slices_[taken_++ % depth].filled = false;
    }
    changed_.notify_all();
}

void ReadAhead::read(const std::stop_token& stop) {
    for (bool failed = false; !failed && !stop.stop_requested();) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return begun_ - taken_ < depth; }))
            return;
        const std::uint64_t position = std::uint64_t{begun_} * slice_bytes;
        if (position >= length_)
            return;
        Slice& slice = slices_[begun_++ % depth];
        lock.unlock();

        slice.failure = leg_.read(position, slice_length(position, length_), slice.buffer);
        failed = slice.failure.has_value();

        lock.lock();
        slice.filled = true;
        lock.unlock();
        changed_.notify_all();
    }
}

} // namespace lvmpolld::verify
