// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/name.h"

#include "operation/lvm_names.h"

#include <algorithm>
#include <array>

namespace lvmpolld::dm {

namespace {

constexpr std::string_view uuid_prefix = "LVM-";
constexpr std::size_t lvid_characters = 64;

/// Locale or not: LVM's UUIDs are ASCII (`!` and `#` are in its alphabet).
bool is_lvid_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '!' ||
           c == '#';
}

void append_doubled(std::string& to, std::string_view part) {
    for (const char c : part)
        to.append(c == '-' ? 2 : 1, c);
}

} // namespace

std::optional<Name> parse_name(std::string_view dm_name) {
    std::array<std::string, 3> parts; // VG, LV, layer
    std::size_t part = 0;
    for (std::size_t i = 0; i < dm_name.size(); ++i) {
        if (dm_name[i] != '-') {
            parts[part] += dm_name[i];
        } else if (dm_name.substr(i + 1).starts_with('-')) {
            parts[part] += '-';
            ++i;
        } else if (++part == parts.size()) {
            return std::nullopt;
        }
    }
    if (!fault_of_name(parts[0]).empty() || !fault_of_name(parts[1]).empty() ||
        (part == 2 && parts[2].empty()))
        return std::nullopt;
    return Name{std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

std::string dm_name(std::string_view vg, std::string_view lv) {
    std::string name;
    append_doubled(name, vg);
    name += '-';
    append_doubled(name, lv);
    return name;
}

bool is_pvmove(std::string_view lv) {
    constexpr std::string_view prefix = "pvmove";
    return lv.starts_with(prefix) && lv.size() > prefix.size() &&
           std::ranges::all_of(lv.substr(prefix.size()),
                               [](char c) { return c >= '0' && c <= '9'; });
}

bool is_temporary_layer(std::string_view dm_name, std::string_view vg, std::string_view lv) {
    constexpr std::string_view mark = "_mimagetmp_"; // lvm2, lib/metadata/mirror.c
    const auto name = parse_name(dm_name);
    return name && name->vg == vg && name->lv.starts_with(std::string(lv).append(mark));
}

std::optional<std::string> lvid_of_uuid(std::string_view uuid) {
    if (!uuid.starts_with(uuid_prefix))
        return std::nullopt;
    uuid.remove_prefix(uuid_prefix.size());
    const std::string_view rest = uuid.substr(std::min(lvid_characters, uuid.size()));
    const std::string_view lvid = uuid.substr(0, lvid_characters);
    if (!is_lvid(lvid) || (!rest.empty() && !rest.starts_with('-')))
        return std::nullopt;
    return std::string(lvid);
}

std::string dm_uuid(std::string_view lvid, std::string_view layer) {
    std::string uuid(uuid_prefix);
    uuid += lvid;
    if (!layer.empty())
        (uuid += '-') += layer;
    return uuid;
}

bool is_lvid(std::string_view text) {
    return text.size() == lvid_characters && std::ranges::all_of(text, is_lvid_character);
}

} // namespace lvmpolld::dm
