// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/target.h"

#include "dm/words.h"

#include <sys/sysmacros.h>

#include <tuple>
#include <utility>

namespace lvmpolld::dm {

namespace {

/// More legs than any kernel allows (9).
constexpr std::uint64_t maximum_legs = 64;

} // namespace

std::optional<dev_t> parse_device(std::string_view text) {
    const auto numbers = parse_pair<unsigned>(text, ':');
    if (!numbers)
        return std::nullopt;
    return makedev(numbers->first, numbers->second);
}

std::optional<MirrorStatus> parse_mirror_status(std::string_view parameters) {
    Words words(parameters);
    const auto count = words.next_number();
    if (!count || *count == 0 || *count > maximum_legs)
        return std::nullopt;

    MirrorStatus status{};
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto leg = parse_device(words.next());
        if (!leg)
            return std::nullopt;
        status.legs.push_back(*leg);
    }
    const auto progress = parse_pair<std::uint64_t>(words.next(), '/');
    if (!progress || progress->second == 0 || progress->first > progress->second)
        return std::nullopt;
    std::tie(status.in_sync, status.regions) = *progress;

    if (words.next_number() != 1) // the number of words on health
        return std::nullopt;
    status.health = words.next();
    if (status.health.size() != *count)
        return std::nullopt;
    return status;
}

std::optional<std::vector<Leg>> parse_mirror_legs(std::string_view parameters) {
    Words words(parameters);
    words.next(); // the log's type
    const auto log_arguments = words.next_number();
    if (!log_arguments || *log_arguments > maximum_legs)
        return std::nullopt;
    for (std::uint64_t i = 0; i < *log_arguments; ++i)
        words.next();

    const auto count = words.next_number();
    if (!count || *count == 0 || *count > maximum_legs)
        return std::nullopt;
    std::vector<Leg> legs;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto device = parse_device(words.next());
        const auto offset = words.next_number();
        if (!device || !offset)
            return std::nullopt;
        legs.push_back({*device, *offset});
    }
    return legs;
}

bool has_log_in_memory(std::string_view parameters) {
    Words words(parameters);
    if (words.next() != "core")
        return false;
    const auto arguments = words.next_number(); // the region size, and perhaps sync or nosync
    words.next();
    return arguments == 1 || (arguments == 2 && words.next() == "sync");
}

std::optional<MergeStatus> parse_merge_status(std::string_view parameters) {
    using State = MergeStatus::State;
    if (parameters == "Invalid")
        return MergeStatus{.state = State::invalid};
    if (parameters == "Merge failed")
        return MergeStatus{.state = State::merge_failed};
    if (parameters == "Overflow")
        return MergeStatus{.state = State::overflow};

    Words words(parameters);
    const auto usage = parse_pair<std::uint64_t>(words.next(), '/');
    const auto metadata = words.next_number();
    if (!usage || !metadata)
        return std::nullopt;
    return MergeStatus{State::merging, usage->first, usage->second, *metadata};
}

std::optional<dev_t> parse_merge_cow(std::string_view parameters) {
    Words words(parameters);
    words.next(); // the origin
    return parse_device(words.next());
}

} // namespace lvmpolld::dm
