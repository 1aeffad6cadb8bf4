// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/examine.h"

#include "dm/name.h"

#include <algorithm>
#include <array>

namespace lvmpolld::dm {

namespace {

/// Targets behind which no copy goes on that LVM polls.
constexpr std::array<std::string_view, 6> plain_targets = {
    "linear", "striped", "snapshot-origin", "snapshot-merge", "error", "zero"};

bool is_plain(const Target& target) {
    return std::ranges::find(plain_targets, target.type) != plain_targets.end();
}

/// A Copy that knows all but the progress; nothing if the device's name isn't one of LVM's.
std::optional<Copy> identify(const Device& device) {
    auto name = parse_name(device.name);
    if (!name)
        return std::nullopt;
    Copy copy;
    copy.vg = std::move(name->vg);
    copy.lv = std::move(name->lv);
    copy.dm_name = device.name;
    copy.uuid = device.uuid;
    copy.event_number = device.event_number;
    return copy;
}

Unwatchable unknown_name(const Device& device) {
    return {"the device's name '" + device.name + "' is not one of LVM's"};
}

NotCopying not_copying(const Copy& copy, const Table& status) {
    const bool left_behind =
        !status.targets.empty() && std::ranges::all_of(status.targets, [](const Target& target) {
            return target.type == "error";
        });
    return {copy.vg, copy.lv, left_behind};
}

Unwatchable unknown_target(const Target& target) {
    return {"unknown target: " + target.type + ' ' + target.parameters};
}

std::uint64_t length_of(const std::vector<Target>& targets) {
    return targets.empty() ? 0 : targets.back().start + targets.back().length;
}

/// Regions are counted; the last one may be short.
std::uint64_t copied_sectors(const MirrorStatus& mirror, std::uint64_t length) {
    const std::uint64_t region = (length + mirror.regions - 1) / mirror.regions;
    return std::min(mirror.in_sync * region, length);
}

bool same_devices(const std::vector<Leg>& legs, const std::vector<dev_t>& devices) {
    return std::ranges::equal(legs, devices, {}, &Leg::device);
}

} // namespace

std::optional<View> examine_mirror(const Table& status, const Table& table) {
    std::optional<Copy> copy = identify(status.device);
    if (!copy)
        return unknown_name(status.device);

    const auto is_mirror = [](const Target& target) { return target.type == "mirror"; };
    const auto target = std::ranges::find_if(status.targets, is_mirror);
    if (target == status.targets.end()) {
        const auto odd = std::ranges::find_if_not(status.targets, is_plain);
        if (odd != status.targets.end())
            return unknown_target(*odd);
        return not_copying(*copy, status);
    }
    if (std::find_if(target + 1, status.targets.end(), is_mirror) != status.targets.end())
        return Unwatchable{"more than one mirror in " + status.device.name};

    const auto mirror = parse_mirror_status(target->parameters);
    if (!mirror || target->length == 0)
        return unknown_target(*target);

    const auto loaded = std::ranges::find(table.targets, target->start, &Target::start);
    if (loaded == table.targets.end() || !is_mirror(*loaded) || loaded->length != target->length)
        return std::nullopt;
    auto legs = parse_mirror_legs(loaded->parameters);
    if (!legs)
        return unknown_target(*loaded);
    if (!same_devices(*legs, mirror->legs))
        return std::nullopt;

    copy->segment_start = target->start;
    copy->segment_length = target->length;
    copy->copied = target->start + copied_sectors(*mirror, target->length);
    copy->total = length_of(status.targets);
    copy->complete = mirror->complete();
    copy->target = Mirror{.legs = std::move(*legs),
                          .health = mirror->health,
                          .in_memory = has_log_in_memory(loaded->parameters)};
    return *std::move(copy);
}

std::optional<View> examine_merge(const Table& status, const Table& table) {
    std::optional<Copy> copy = identify(status.device);
    if (!copy)
        return unknown_name(status.device);

    const auto target = std::ranges::find(status.targets, "snapshot-merge", &Target::type);
    if (target == status.targets.end())
        return not_copying(*copy, status);
    const auto merge = parse_merge_status(target->parameters);
    if (!merge)
        return unknown_target(*target);

    const auto loaded = std::ranges::find(table.targets, target->start, &Target::start);
    if (loaded == table.targets.end() || loaded->type != target->type)
        return std::nullopt;
    const auto cow = parse_merge_cow(loaded->parameters);
    if (!cow)
        return unknown_target(*loaded);

    copy->segment_start = target->start;
    copy->segment_length = target->length;
    copy->total = merge->allocated - std::min(merge->allocated, merge->metadata);
    copy->complete = merge->complete();
    copy->failed = merge->state != MergeStatus::State::merging;
    copy->target = Merge{*cow};
    return *std::move(copy);
}

} // namespace lvmpolld::dm
