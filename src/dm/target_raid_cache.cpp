// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parsers of the targets that nobody polls: RAID and caches.
#include "base/sector.h"
#include "dm/target.h"
#include "dm/words.h"

namespace lvmpolld::dm {

std::optional<RaidStatus> parse_raid_status(std::string_view parameters) {
    Words words(parameters);
    words.next(); // raid1, raid5_ls, ...
    const auto legs = words.next_number();
    RaidStatus status;
    status.health = words.next();
    const auto progress = parse_pair<std::uint64_t>(words.next(), '/');
    status.action = words.next();
    if (!legs || *legs != status.health.size() || !progress || progress->first > progress->second ||
        status.action.empty())
        return std::nullopt;
    status.in_sync = progress->first;
    status.total = progress->second;
    return status;
}

std::vector<std::optional<dev_t>> parse_raid_legs(std::string_view parameters) {
    Words words(parameters);
    words.next();
    words.skip(words.next_number().value_or(0));
    const auto count = words.next_number().value_or(0);
    std::vector<std::optional<dev_t>> legs;
    for (std::uint64_t i = 0; i < count && !words.at_end(); ++i) {
        words.next(); // the metadata device
        legs.push_back(parse_device(words.next()));
    }
    return legs;
}

std::optional<CacheStatus> parse_cache_status(std::string_view parameters) {
    Words words(parameters);
    words.skip(2); // of the metadata
    const auto block_sectors = words.next_number();
    words.skip(7); // blocks used, hits and misses, demotions and promotions
    const auto dirty = words.next_number();
    words.skip(words.next_number().value_or(0)); // features
    words.skip(words.next_number().value_or(0)); // core arguments
    CacheStatus status;
    status.policy = words.next();
    if (!block_sectors || !dirty || status.policy.empty())
        return std::nullopt;
    status.dirty_sectors = *dirty * *block_sectors;
    return status;
}

std::optional<WritecacheStatus> parse_writecache_status(std::string_view parameters) {
    Words words(parameters);
    const auto error = words.next_number();
    const auto blocks = words.next_number();
    const auto free = words.next_number();
    const auto writing_back = words.next_number();
    if (!error || !blocks || !free || !writing_back || *free > *blocks)
        return std::nullopt;
    const auto used = *blocks - *free;
    return WritecacheStatus{*error != 0, used, used > 0 && *writing_back == used};
}

std::optional<WritecacheTable> parse_writecache_table(std::string_view parameters) {
    Words words(parameters);
    words.next(); // p (persistent memory) or s (a disk)
    const auto origin = parse_device(words.next());
    const auto cache = parse_device(words.next());
    const auto block_bytes = words.next_number();
    if (!origin || !cache || !block_bytes)
        return std::nullopt;
    WritecacheTable table{*origin, *cache, *block_bytes / sector_bytes};
    words.next_number(); // of optional arguments
    while (!words.at_end())
        table.cleaner = words.next() == "cleaner" || table.cleaner;
    return table;
}

} // namespace lvmpolld::dm
