// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/block_reader.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <string_view>
#include <thread>

namespace lvmpolld::verify {

namespace {

using Clock = std::chrono::steady_clock;

/// Of a leg in one sampling, which bounds the memory.
constexpr std::size_t most_readings = 16384;

} // namespace

std::vector<Content> contents_of(Bytes bytes) {
    std::vector<Content> contents;
    contents.reserve(bytes.size() / sector_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (std::size_t at = 0; at < text.size(); at += sector_bytes)
        contents.push_back(std::hash<std::string_view>()(text.substr(at, sector_bytes)));
    return contents;
}

/// Shared with the threads, which may outlive the call.
struct BlockReader::Job {
    Job(std::size_t legs, std::chrono::milliseconds duration)
        : once(duration.count() == 0), end(Clock::now() + duration), lagging(legs), results(legs) {}

    const bool once;
    const Clock::time_point end;
    std::atomic<std::size_t> lagging; ///< Legs that have not been read.
    std::atomic<bool> given_up = false;

    std::mutex mutex;
    std::condition_variable_any changed;
    std::size_t running = 0;           ///< Threads, under the mutex.
    std::vector<Readings> results;     ///< Each is written by its thread before that ends.
    std::optional<LegFailure> failure; ///< The first one, under the mutex.

    void run(const LegReader& leg, std::size_t number, std::uint64_t position, std::size_t length) {
        std::optional<ReadFailure> failed;
        try {
            failed = read(leg, results[number], position, length);
        } catch (const std::bad_alloc&) {
            failed = ReadFailure{position, ENOMEM};
        }
        const std::lock_guard lock(mutex);
        if (failed && !failure) {
            failure = LegFailure{number, failed->position, failed->error};
            given_up = true;
        }
        --running;
        changed.notify_all();
    }

private:
    std::optional<ReadFailure> read(const LegReader& leg, Readings& readings,
                                    std::uint64_t position, std::size_t length) {
        Buffer buffer(length);
        while (!given_up && readings.size() < most_readings) {
            if (auto failed = leg.read(position, length, buffer))
                return failed;
            readings.push_back(contents_of(buffer.data()));
            if (readings.size() == 1)
                --lagging;
            if (once || (lagging == 0 && Clock::now() >= end))
                break;
        }
        return std::nullopt;
    }
};

BlockReadings BlockReader::operator()(std::uint64_t position, std::size_t length,
                                      std::chrono::milliseconds duration,
                                      const std::stop_token& stop) const {
    const auto job = std::make_shared<Job>(legs_.size(), duration);
    std::unique_lock lock(job->mutex);
    try {
        for (std::size_t i = 0; i < legs_.size(); ++i) {
            std::thread([=, leg = legs_[i]] { job->run(*leg, i, position, length); }).detach();
            ++job->running;
        }
    } catch (...) {
        job->given_up = true; // those that run would wait for the others
        throw;
    }
    const auto ended = [&] { return job->running == 0; };
    if (!job->changed.wait(lock, stop, ended)) {
        job->given_up = true;
        job->changed.wait_for(lock, time_for_reads_to_end, ended);
        return std::monostate{};
    }
    if (job->failure)
        return *job->failure;
    return std::move(job->results);
}

} // namespace lvmpolld::verify
