// SPDX-License-Identifier: LGPL-2.1-or-later
// wire_load SOCKET PID CLIENTS MILLISECONDS REQUEST
// sends REQUEST to the server PID over CLIENTS connections, each a thread with a blocking socket
// that has one request on its way, and prints requests, seconds, the server's CPU time in ns, and
// the ns within which 99 of 100 requests are answered.
#include "client.h"

#include <time.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace lvmpolld::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Durations = std::vector<Clock::duration>;

constexpr int warm_up_requests = 200;

/// CPU time of all threads of a process, those that ended included, in ns.
std::int64_t cpu_time(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (const int error = clock_getcpuclockid(process, &clock))
        throw_errno("clock_getcpuclockid", error);
    if (clock_gettime(clock, &time) != 0)
        throw_errno("clock_gettime");
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// Sends the request over and over until the deadline; how long each took. Every reply has to equal
/// the first.
template <typename Deadline>
Durations load(Client& client, const std::string& request, Deadline deadline) {
    client.send(request);
    const std::string expected{client.receive()};
    const auto once = [&] {
        client.send(request);
        if (client.receive() != expected)
            throw std::runtime_error("replies differ");
    };
    for (int i = 0; i < warm_up_requests; ++i)
        once();

    Durations durations;
    const Clock::time_point end = deadline();
    for (Clock::time_point before = Clock::now(); before < end;) {
        once();
        const Clock::time_point after = Clock::now();
        durations.push_back(after - before);
        before = after;
    }
    return durations;
}

Durations joined(const std::vector<Durations>& parts) {
    Durations all;
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

Clock::duration percentile_99(Durations durations) {
    const auto place = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() * 99 / 100);
    std::ranges::nth_element(durations, place);
    return *place;
}

void run(const std::string& path, pid_t server, std::size_t count,
         std::chrono::milliseconds duration, const std::string& request) {
    Clock::time_point begin;
    std::int64_t cpu_before = 0;
    std::barrier start{static_cast<std::ptrdiff_t>(count), [&]() noexcept {
                           cpu_before = cpu_time(server);
                           begin = Clock::now();
                       }};

    std::vector<Client> clients;
    for (std::size_t i = 0; i < count; ++i)
        clients.emplace_back(path);
    std::vector<Durations> results(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i] {
                results[i] = load(clients[i], request, [&] {
                    start.arrive_and_wait();
                    return begin + duration;
                });
            });
    }
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    const std::int64_t cpu = cpu_time(server) - cpu_before;

    const Durations all = joined(results);
    if (all.empty())
        throw std::runtime_error("no request was answered in time");
    const std::chrono::nanoseconds percentile = percentile_99(all);
    std::printf("%zu %.6f %lld %lld\n", all.size(), elapsed.count(), static_cast<long long>(cpu),
                static_cast<long long>(percentile.count()));
}

} // namespace
} // namespace lvmpolld::bench

int main(int argc, char** argv) try {
    if (argc != 6)
        throw std::invalid_argument("wire_load SOCKET PID CLIENTS MILLISECONDS REQUEST");
    lvmpolld::bench::run(argv[1], std::stoi(argv[2]), std::stoul(argv[3]),
                         std::chrono::milliseconds{std::stol(argv[4])}, argv[5]);
    return 0;
} catch (const std::exception& error) {

    std::fprintf(stderr, "wire_load: %s\n", error.what());
    return 1;
}
