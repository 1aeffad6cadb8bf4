// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld::dm {

/// What LVM says in a device-mapper name or UUID. The name of `my-vg/lv` is `my--vg-lv`: single
/// hyphens part VG, LV and layer, doubled ones stand for one. The UUID is `LVM-`, the LVID (64
/// characters), and for a layer `-` and the layer.
struct Name {
    std::string vg;
    std::string lv;
    /// `real` (below a snapshot's origin), `cow`, `tpool`, `tdata`…; empty for the LV's own device.
    std::string layer;
    bool operator==(const Name&) const = default;
};

/// Nothing if LVM doesn't name devices so.
std::optional<Name> parse_name(std::string_view dm_name);

std::string dm_name(std::string_view vg, std::string_view lv);

/// Whether the device is the layer that LVM keeps beneath the conversion of `vg`/`lv` until it
/// commits it.
bool is_temporary_layer(std::string_view dm_name, std::string_view vg, std::string_view lv);

/// LVM's name for the LV that a pvmove makes: "pvmove0".
bool is_pvmove(std::string_view lv);

/// The LVID in a device's UUID, if it is one of LVM's.
std::optional<std::string> lvid_of_uuid(std::string_view uuid);

/// `layer` without its hyphen; empty for the LV's own device.
std::string dm_uuid(std::string_view lvid, std::string_view layer = {});

/// 32 + 32 characters of LVM's alphabet.
bool is_lvid(std::string_view text);

} // namespace lvmpolld::dm
