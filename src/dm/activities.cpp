// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/activities.h"

#include "dm/device_name.h"
#include "dm/name.h"

#include <algorithm>
#include <utility>

namespace lvmpolld::dm {

namespace {

/// LVM stacks fewer layers than that.
constexpr int most_layers = 16;

std::string text_of(const Table& table) {
    std::string text;
    for (const auto& target : table.targets)
        text.append(std::to_string(target.start)).append(target.parameters).append("\n");
    return text;
}

} // namespace

std::vector<Sighting> Activities::scan() {
    std::vector<Sighting> sightings;
    ByUuid volumes;
    for (const auto& entry : control_.list()) {
        // Where the list has no UUIDs, the status has them.
        if (entry.uuid && !lvid_of_uuid(*entry.uuid))
            continue;
        if (auto sighting = look(entry.name, volumes))
            sightings.push_back(*std::move(sighting));
    }
    volumes_ = std::move(volumes);
    return sightings;
}

std::optional<Sighting> Activities::look(const std::string& name, ByUuid& volumes) {
    const auto status = control_.status(Key::name(name));
    if (!status || !may_be_active(*status))
        return std::nullopt;
    const auto table = control_.table(Key::name(name));
    auto activity = table ? examine_activity(*status, *table) : std::nullopt;
    if (!activity)
        return std::nullopt;
    activity->layered = is_layered(*activity);
    auto text = text_of(*table);
    auto known = volumes_.extract(activity->uuid);
    if (!known || known.mapped().table != text) {
        volumes_[activity->uuid] = {std::move(text), physical_volumes(activity->reads_from),
                                    physical_volumes(activity->writes_to)};
        known = volumes_.extract(activity->uuid);
    }
    Sighting sighting{*std::move(activity), known.mapped().reads_from, known.mapped().writes_to};
    volumes.insert(std::move(known));
    return sighting;
}

bool Activities::is_layered(const Activity& activity) {
    const auto is_layer = [&](dev_t leg) {
        const auto device = control_.device(Key::device(leg));
        return device && is_temporary_layer(device->name, activity.vg, activity.lv);
    };
    return activity.type == Activity::Type::mirror &&
           (std::ranges::any_of(activity.reads_from, is_layer) ||
            std::ranges::any_of(activity.writes_to, is_layer));
}

std::vector<std::string> Activities::physical_volumes(const std::vector<dev_t>& devices) {
    std::vector<std::string> paths;
    for (const auto device : devices)
        add_physical_volumes(device, 0, paths);
    std::ranges::sort(paths);
    paths.erase(std::ranges::unique(paths).begin(), paths.end());
    return paths;
}

void Activities::add_physical_volumes(dev_t device, int depth, std::vector<std::string>& paths) {
    const auto table = depth < most_layers ? control_.table(Key::device(device)) : std::nullopt;
    if (!table || !lvid_of_uuid(table->device.uuid))
        return paths.push_back(device_path(device));
    for (const auto& target : table->targets)
        for (const auto beneath : devices_in(target.parameters))
            add_physical_volumes(beneath, depth + 1, paths);
}

} // namespace lvmpolld::dm
