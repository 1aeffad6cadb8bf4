// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/control_kernel.h"

#include "dm/name.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace lvmpolld::dm {

namespace {

/// Layers of an LV that LVM itself uses for something else; its device is then only known with that
/// suffix.
constexpr std::array<std::string_view, 5> layers_of_hidden_lvs = {"pvmove", "tdata", "tmeta",
                                                                  "cdata", "cmeta"};

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
        return look_for_mirror(lvid);
    case OperationType::convert: {
        View view = look_for_mirror(lvid);
        if (auto* copy = std::get_if<Copy>(&view); copy != nullptr && copy->complete)
            std::get<Mirror>(copy->target).layered = is_layered(*copy);
        return view;
    }
    case OperationType::merge:
        return look_at(dm_uuid(lvid), examine_merge);
    case OperationType::merge_thin:
        break;
    }
    return Unwatchable{"the kernel doesn't show the progress of a thin merge"};
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
    return look_at(uuid, examine_mirror);
}

View ControlKernel::look_at(std::string_view uuid, Examine examine) {
    Control& control = control_.value();
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto status = control.status(Key::uuid(uuid));
        const auto table = status ? control.table(Key::uuid(uuid)) : std::nullopt;
        if (!table)
            return Inactive{};
        if (auto view = examine(*status, *table))
            return *std::move(view);
    }
    return Unwatchable{"the table of " + std::string(uuid) + " doesn't stand still"};
}

bool ControlKernel::is_layered(const Copy& copy) {
    return std::ranges::any_of(legs(copy), [&](const Leg& leg) {
        const auto device = control_.value().device(Key::device(leg.device));
        return device && is_temporary_layer(device->name, copy.vg, copy.lv);
    });
}

std::optional<std::string> ControlKernel::find_unusual(std::string_view lvid) {
    const std::string prefix = dm_uuid(lvid);
    for (ListEntry& entry : control_.value().list())
        if (entry.uuid && entry.uuid->starts_with(prefix))
            return std::move(entry.uuid);
    return std::nullopt;
}

} // namespace lvmpolld::dm
