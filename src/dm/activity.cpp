// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What takes long, by the target that does it: the table `targets` below. A new one is a line of
// it, and a parser of its status in target.cpp.
#include "dm/activity.h"

#include "dm/examine.h"
#include "dm/name.h"
#include "dm/target.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

namespace lvmpolld::dm {

namespace {

using Type = Activity::Type;

std::optional<Activity> from_copy(const std::optional<View>& view, Type type) {
    const auto* copy = view ? std::get_if<Copy>(&*view) : nullptr;
    if (copy == nullptr)
        return std::nullopt;
    Activity activity{.type = type};
    activity.copied = copy->copied;
    activity.total = copy->total;
    activity.complete = copy->complete;
    activity.failed = copy->failed || is_unhealthy(*copy);
    return activity;
}

std::optional<Activity> mirror(const Target&, const Target& loaded, const Table& status,
                               const Table& table) {
    auto activity = from_copy(examine_mirror(status, table), Type::mirror);
    const auto legs = parse_mirror_legs(loaded.parameters);
    if (!activity || !legs || legs->empty())
        return std::nullopt;
    activity->reads_from = {legs->front().device};
    for (auto leg = legs->begin() + 1; leg != legs->end(); ++leg)
        activity->writes_to.push_back(leg->device);
    return activity;
}

std::optional<Activity> merge(const Target&, const Target& loaded, const Table& status,
                              const Table& table) {
    auto activity = from_copy(examine_merge(status, table), Type::merge);
    const auto devices = devices_in(loaded.parameters); // origin, snapshot
    if (!activity || devices.size() < 2)
        return std::nullopt;
    activity->counts_down = true;
    activity->reads_from = {devices[1]};
    activity->writes_to = {devices[0]};
    return activity;
}

Type type_of(const RaidStatus& raid) {
    if (raid.action == "recover")
        return Type::raid_rebuild;
    if (raid.action == "reshape")
        return Type::raid_reshape;
    if (raid.action == "check" || raid.action == "repair")
        return Type::raid_scrub;
    return Type::raid_synchronisation; // resync, idle, frozen
}

std::optional<Activity> raid(const Target& target, const Target& loaded, const Table&,
                             const Table&) {
    const auto state = parse_raid_status(target.parameters);
    if (!state)
        return std::nullopt;
    const auto type = type_of(*state);
    Activity activity{.type = type};
    // The status counts sectors of a leg; people know the size of the volume.
    const auto share =
        state->total == 0 ? 0.0
                          : static_cast<double>(state->in_sync) / static_cast<double>(state->total);
    activity.total = target.length;
    activity.copied = static_cast<std::uint64_t>(share * static_cast<double>(target.length));
    activity.failed = state->health.find('D') != std::string::npos;
    activity.idle = state->action == "idle" || state->action == "frozen";
    activity.complete = activity.idle && state->in_sync == state->total &&
                        state->health.find_first_not_of('A') == std::string::npos;
    const auto legs = parse_raid_legs(loaded.parameters);
    for (std::size_t leg = 0; leg < legs.size() && leg < state->health.size(); ++leg) {
        if (!legs[leg])
            continue;
        const bool rebuilt = type == Type::raid_rebuild && state->health[leg] != 'A';
        const bool reads = !rebuilt;
        const bool writes = rebuilt || (type != Type::raid_rebuild && state->action != "check");
        if (reads)
            activity.reads_from.push_back(*legs[leg]);
        if (writes)
            activity.writes_to.push_back(*legs[leg]);
    }
    return activity;
}

std::optional<Activity> cache(const Target& target, const Target& loaded, const Table&,
                              const Table&) {
    const auto state = parse_cache_status(target.parameters);
    const auto devices = devices_in(loaded.parameters); // metadata, cache, origin
    if (!state || devices.size() < 3)
        return std::nullopt;
    Activity activity{.type = Type::cache_flush};
    activity.complete = state->dirty_sectors == 0;
    activity.idle = activity.complete || state->policy != "cleaner";
    activity.total = state->dirty_sectors;
    activity.counts_down = true;
    activity.reads_from = {devices[1]};
    activity.writes_to = {devices[2]};
    return activity;
}

std::optional<Activity> writecache(const Target& target, const Target& loaded, const Table&,
                                   const Table&) {
    const auto used = parse_writecache_status(target.parameters);
    const auto setup = parse_writecache_table(loaded.parameters);
    if (!used || !setup)
        return std::nullopt;
    Activity activity{.type = Type::writecache_flush};
    activity.complete = used->used_blocks == 0;
    activity.idle = activity.complete || !(setup->cleaner || used->flushing);
    activity.total = used->used_blocks * setup->block_sectors;
    activity.counts_down = true;
    activity.failed = used->failed;
    activity.reads_from = {setup->cache};
    activity.writes_to = {setup->origin};
    return activity;
}

struct Reader {
    std::string_view target;
    std::optional<Activity> (*read)(const Target& target, const Target& loaded, const Table& status,
                                    const Table& table);
};

constexpr std::array<Reader, 5> readers{{
    {"mirror", mirror},
    {"snapshot-merge", merge},
    {"raid", raid},
    {"cache", cache},
    {"writecache", writecache},
}};

const Reader* reader_of(const Target& target) {
    const auto* const found = std::ranges::find(readers, target.type, &Reader::target);
    return found == readers.end() ? nullptr : found;
}

} // namespace

bool may_be_active(const Table& status) {
    return std::ranges::any_of(status.targets, reader_of);
}

std::vector<dev_t> devices_in(const std::string& parameters) {
    std::vector<dev_t> devices;
    std::string_view rest = parameters;
    while (!rest.empty()) {
        const auto word = rest.substr(0, rest.find(' '));
        if (const auto device = parse_device(word))
            devices.push_back(*device);
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return devices;
}

std::optional<Activity> examine_activity(const Table& status, const Table& table) {
    const auto target = std::ranges::find_if(status.targets, reader_of);
    auto lvid = lvid_of_uuid(status.device.uuid);
    auto name = parse_name(status.device.name);
    if (target == status.targets.end() || !lvid || !name)
        return std::nullopt;
    const auto loaded = std::ranges::find(table.targets, target->start, &Target::start);
    if (loaded == table.targets.end() || loaded->type != target->type)
        return std::nullopt;
    auto activity = reader_of(*target)->read(*target, *loaded, status, table);
    if (!activity)
        return std::nullopt;
    activity->lvid = std::move(*lvid);
    activity->vg = std::move(name->vg);
    activity->lv = std::move(name->lv);
    activity->uuid = status.device.uuid;
    return activity;
}

} // namespace lvmpolld::dm
