// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/read_ahead.h"

#include "verify/block_reader.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lvmpolld::verify {

namespace {

constexpr std::size_t threads = 2;
constexpr std::size_t depth = 4;

} // namespace

struct ReadAhead::State {
    State(std::shared_ptr<const LegReader> leg_reader, std::uint64_t bytes)
        : leg(std::move(leg_reader)), length(bytes) {}

    const std::shared_ptr<const LegReader> leg;
    const std::uint64_t length;
    std::array<Slice, depth> slices;
    std::mutex mutex; ///< For all that follows.
    std::condition_variable_any changed;
    std::size_t begun = 0;   ///< Slices that are or were read.
    std::size_t taken = 0;   ///< Slices popped so far.
    std::size_t running = 0; ///< Threads.
    bool stopped = false;

    void run() {
        while (read_next()) {
        }
        const std::lock_guard lock(mutex);
        --running;
        changed.notify_all();
    }

private:
    bool read_next() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopped || begun - taken < depth; });
        const std::uint64_t position = std::uint64_t{begun} * slice_bytes;
        if (stopped || position >= length)
            return false;
        Slice& slice = slices[begun++ % depth];
        lock.unlock();

        slice.failure = leg->read(position, slice_length(position, length), slice.buffer);
        const bool failed = slice.failure.has_value();

        lock.lock();
        slice.filled = true;
        lock.unlock();
        changed.notify_all();
        return !failed;
    }
};

ReadAhead::ReadAhead(std::shared_ptr<const LegReader> leg, std::uint64_t length)
    : state_(std::make_shared<State>(std::move(leg), length)) {
    const std::lock_guard lock(state_->mutex);
    try {
        for (std::size_t i = 0; i < threads; ++i) {
            std::thread([state = state_] { state->run(); }).detach();
            ++state_->running;
        }
    } catch (...) {
        state_->stopped = true;
        throw;
    }
}

ReadAhead::~ReadAhead() {
    stop();
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, time_for_reads_to_end, [this] { return state_->running == 0; });
}

void ReadAhead::stop() {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    state_->changed.notify_all();
}

const ReadAhead::Slice* ReadAhead::front(const std::stop_token& stop) {
    std::unique_lock lock(state_->mutex);
    const Slice& slice = state_->slices[state_->taken % depth];
    return state_->changed.wait(lock, stop, [&] { return slice.filled; }) ? &slice : nullptr;
}

void ReadAhead::pop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->slices[state_->taken++ % depth].filled = false;
    }
    state_->changed.notify_all();
}

} // namespace lvmpolld::verify
