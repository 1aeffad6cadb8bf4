// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/statistics_metrics.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace lvmpolld::ctl {

namespace {

using varlink::Json;
using Family = Exposition::Family;
using Type = Exposition::Type;

struct Counter {
    const char* key;
    Family family;
};

constexpr std::array<Counter, 9> counters{{
    {"steps",
     {.name = "lvmpolld_steps",
      .type = Type::counter,
      .help = "Runs of lvpoll that commit a segment, or find out whether anything is left."}},
    {"lvpollRuns",
     {.name = "lvmpolld_lvpoll_runs", .type = Type::counter, .help = "Runs of lvpoll."}},
    {"retired",
     {.name = "lvmpolld_lvpoll_retired",
      .type = Type::counter,
      .help = "Runs of lvpoll that were asked to end."}},
    {"failedStarts",
     {.name = "lvmpolld_lvpoll_failed_starts",
      .type = Type::counter,
      .help = "Runs of lvpoll that could not be started."}},
    {"comparisons",
     {.name = "lvmpolld_comparisons",
      .type = Type::counter,
      .help = "Comparisons of the two legs of a copy."}},
    {"bytesCompared",
     {.name = "lvmpolld_compared_bytes",
      .type = Type::counter,
      .unit = "bytes",
      .help = "Bytes of each leg that were compared."}},
    {"refusedCopies",
     {.name = "lvmpolld_refused_copies",
      .type = Type::counter,
      .help = "Copies that were not committed, since they are bad or could not be compared."}},
    {"droppedLogLines",
     {.name = "lvmpolld_dropped_log_lines",
      .type = Type::counter,
      .help = "Lines of the log that were dropped: too many from an lvpoll, or a slow reader."}},
    {"takenUp",
     {.name = "lvmpolld_operations_taken_up",
      .type = Type::counter,
      .help = "Operations of an earlier daemon that this one goes on with."}},
}};

constexpr Family requests{
    .name = "lvmpolld_requests", .type = Type::counter, .help = "Requests of lvm commands."};
constexpr Family ended{.name = "lvmpolld_operations_ended",
                       .type = Type::counter,
                       .help = "Operations that have ended."};
constexpr Family started{.name = "lvmpolld_start_time_seconds",
                         .unit = "seconds",
                         .help = "When the daemon started to serve, in seconds since 1970."};
constexpr Family latency{.name = "lvmpolld_request_duration_seconds",
                         .type = Type::histogram,
                         .unit = "seconds",
                         .help = "From a complete request to its answer."};

/// Null if there is no such member.
const Json& member(const Json& object, const char* key) {
    static const Json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

double seconds_of(std::uint64_t microseconds) {
    return in_seconds(std::chrono::microseconds(microseconds));
}

std::optional<std::uint64_t> whole_number(const Json& json) {
    if (!json.is_number_integer())
        return std::nullopt;
    return json.get<std::uint64_t>();
}

void add_requests(Exposition& text, const Json& by_type) {
    text.begin(requests);
    for (const auto& [type, count] : by_type.items())
        if (const auto value = whole_number(count))
            text.add({{"type", type}}, *value);
}

void add_ended(Exposition& text, const Json& by_type) {
    text.begin(ended);
    for (const auto& [type, results] : by_type.items())
        for (const auto& [result, count] : results.items())
            if (const auto value = whole_number(count))
                text.add({{"type", type}, {"result", result}}, *value);
}

void add_latency(Exposition& text, const Json& buckets, const Json& sum) {
    const auto microseconds = whole_number(sum);
    if (!buckets.is_array() || !microseconds)
        return;
    std::vector<Exposition::Bucket> cumulative;
    std::uint64_t count = 0;
    for (const auto& bucket : buckets) {
        if (!bucket.is_object())
            return;
        const auto at_most = whole_number(member(bucket, "atMost"));
        count += whole_number(member(bucket, "requests")).value_or(0);
        cumulative.push_back(
            {at_most ? seconds_of(*at_most) : std::numeric_limits<double>::infinity(), count});
    }
    text.begin(latency);
    text.add_histogram(cumulative, seconds_of(*microseconds));
}

} // namespace

void add_statistics(Exposition& text, const Json& statistics) {
    if (const auto since = whole_number(member(statistics, "started"))) {
        text.begin(started);
        text.add({}, seconds_of(*since));
    }
    add_requests(text, member(statistics, "requests"));
    add_ended(text, member(statistics, "operations"));
    for (const auto& [key, family] : counters)
        if (const auto value = whole_number(member(statistics, key))) {
            text.begin(family);
            text.add({}, *value);
        }
    add_latency(text, member(statistics, "latency"), member(statistics, "latencySum"));
}

} // namespace lvmpolld::ctl
