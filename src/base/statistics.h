// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lvmpolld {

/// One number that only rises. Any thread; says nothing about the order of events.
class Counter {
public:
    void add(std::uint64_t count = 1) noexcept {
        value_.fetch_add(count, std::memory_order_relaxed);
    }

    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

/// How often something took how long.
class Histogram {
public:
    /// Upper bounds of all buckets but the last, which has none; microseconds.
    static constexpr std::array<std::uint64_t, 14> bounds{
        10,   25,   50,     100,    250,     500,       1000,
        2500, 5000, 10'000, 25'000, 100'000, 1'000'000, 10'000'000};

    void add(std::chrono::nanoseconds duration) noexcept {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && duration > std::chrono::microseconds(bounds[bucket]))
            ++bucket;
        buckets_[bucket].add();
        nanoseconds_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
    }

    const std::array<Counter, bounds.size() + 1>& buckets() const noexcept { return buckets_; }

    /// Of all durations.
    std::chrono::nanoseconds sum() const noexcept {
        return std::chrono::nanoseconds(nanoseconds_.value());
    }

private:
    std::array<Counter, bounds.size() + 1> buckets_;
    Counter nanoseconds_;
};

/// What the daemon has done since its start. Each counter is counted up where the thing happens,
/// and means what io.lvmpolld.Statistics.varlink says.
struct Statistics {
    /// In the order of OperationType, and then aborts.
    static constexpr std::size_t types = 5;
    static constexpr std::size_t abort = 4;

    struct Requests {
        Counter hello;
        std::array<Counter, types> starts;
        Counter progress;
        Counter dump;
        Counter rejected;
    };

    struct Ended {
        Counter completed;
        Counter failed;
        Counter killed;
        Counter unknown;
    };

    const std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
    Requests requests;
    std::array<Ended, types> ended;
    Counter steps;
    Counter lvpoll_runs;
    Counter retired;
    Counter failed_starts;
    Counter comparisons;
    Counter bytes_compared;
    Counter refused_copies;
    Counter dropped_log_lines;
    Counter taken_up;
    Histogram latency;
};

} // namespace lvmpolld
