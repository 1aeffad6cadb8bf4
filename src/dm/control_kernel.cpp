// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/control_kernel.h"

#include "dm/examine.h"
#include "dm/name.h"

#include <array>
#include <system_error>

namespace lvmpolld::dm {

namespace {

/// Layers of an LV that LVM itself uses for something else; its device is then only known with that suffix.
constexpr std::array<std::string_view, 5> layers_of_hidden_lvs = {"pvmove", "tdata", "tmeta", "cdata",
                                                                  "cmeta"};

/// How often status and table are asked again when a swap came in between.
constexpr int attempts = 4;

} // namespace

bool ControlKernel::can_watch() {
    if (control_)
        return true;
    try {
        Control control = Control::open();
        if (control.can_watch()) {
            control_ = std::move(control);
            obstacle_.clear();
        } else {
            obstacle_ = "the kernel's device-mapper raises no events for polling (Linux 4.14 does)";
        }
    } catch (const std::system_error& error) {
        obstacle_ = error.what();
    }
    return control_.has_value();
}

int ControlKernel::event_descriptor() const {
    return control_.value().fd();
}

void ControlKernel::arm() {
    control_.value().arm();
}

std::optional<std::uint32_t> ControlKernel::event_number(std::string_view uuid) {
    const auto device = control_.value().device(Key::uuid(uuid));
    if (!device)
        return std::nullopt;
    return device->event_number;
}

std::optional<std::string> ControlKernel::lvid_of(std::string_view vg, std::string_view lv) {
    const auto device = control_.value().device(Key::name(dm_name(vg, lv)));
    return device ? lvid_of_uuid(device->uuid) : std::nullopt;
}

std::vector<ActiveLv> ControlKernel::active_lvs() {
    std::vector<ActiveLv> result;
    for (const ListEntry& entry : control_.value().list()) {
        auto name = parse_name(entry.name);
        if (!name || !name->layer.empty())
            continue;
        auto lvid = entry.uuid ? lvid_of_uuid(*entry.uuid) : lvid_of(name->vg, name->lv);
        if (lvid)
            result.push_back({std::move(*lvid), std::move(name->vg), std::move(name->lv)});
    }
    return result;
}

View ControlKernel::look(std::string_view lvid, OperationType type) {
    if (!is_lvid(lvid))
        return Unwatchable{"not an LVID: " + std::string(lvid)};
    switch (type) {
    case OperationType::pvmove:
    case OperationType::convert:
        return look_for_mirror(lvid);
    case OperationType::merge:
        return look_at_merge(lvid);
    case OperationType::merge_thin:
        break;
    }
    return Unwatchable{"the kernel doesn't show the progress of a thin merge"};
}

View ControlKernel::look_at_merge(std::string_view lvid) {
    const auto status = control_.value().status(Key::uuid(dm_uuid(lvid)));
    return status ? examine_merge(*status) : View(Inactive{});
}

View ControlKernel::look_for_mirror(std::string_view lvid) {
    View own = look_at_mirror(dm_uuid(lvid));
    if (std::holds_alternative<Copy>(own))
        return own;
    // A snapshot's origin shows the snapshot-origin target and hides the LV's own beneath it.
    View hidden = look_at_mirror(dm_uuid(lvid, "real"));
    if (!std::holds_alternative<Inactive>(hidden))
        return hidden;
    if (!std::holds_alternative<Inactive>(own))
        return own;

    for (const std::string_view layer : layers_of_hidden_lvs) {
        View view = look_at_mirror(dm_uuid(lvid, layer));
        if (!std::holds_alternative<Inactive>(view))
            return view;
    }
    const auto uuid = find_unusual(lvid);
    return uuid ? look_at_mirror(*uuid) : View(Inactive{});
}

View ControlKernel::look_at_mirror(std::string_view uuid) {
    Control& control = control_.value();
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto status = control.status(Key::uuid(uuid));
        const auto table = status ? control.table(Key::uuid(uuid)) : std::nullopt;
        if (!table)
            return Inactive{};
        if (auto view = examine_mirror(*status, *table))
            return *std::move(view);
    }
    return Unwatchable{"the table of " + std::string(uuid) + " doesn't stand still"};
}

std::optional<std::string> ControlKernel::find_unusual(std::string_view lvid) {
    const std::string prefix = dm_uuid(lvid);
    for (ListEntry& entry : control_.value().list())
        if (entry.uuid && entry.uuid->starts_with(prefix))
            return std::move(entry.uuid);
    return std::nullopt;
}

} // namespace lvmpolld::dm
