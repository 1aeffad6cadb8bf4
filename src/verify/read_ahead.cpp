// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/read_ahead.h"

namespace lvmpolld::verify {

ReadAhead::ReadAhead(const LegReader& leg, std::uint64_t length)
    : thread_([this, &leg, length](const std::stop_token& stop) { read(stop, leg, length); }) {}

const ReadAhead::Slice* ReadAhead::front(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return filled_ > taken_; }))
        return nullptr;
    return &slices_[taken_ % depth];
}

void ReadAhead::pop() {
    {
        const std::lock_guard lock(mutex_);
        ++taken_;
    }
    changed_.notify_all();
}

void ReadAhead::read(const std::stop_token& stop, const LegReader& leg, std::uint64_t length) {
    for (std::uint64_t position = 0; position < length; position += slice_bytes) {
        Slice* slice = nullptr;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return filled_ - taken_ < depth; }))
                return;
            slice = &slices_[filled_ % depth];
        }
        slice->failure = leg.read(position, slice_length(position, length), slice->buffer);
        {
            const std::lock_guard lock(mutex_);
            ++filled_;
        }
        changed_.notify_all();
        if (slice->failure || stop.stop_requested())
            return;
    }
}

} // namespace lvmpolld::verify
