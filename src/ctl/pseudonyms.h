// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lvmpolld::ctl {

/// Gives volume groups, logical volumes, devices and the host names that tell nothing, the same one
/// each time: vg1, lv1, device1, host1. Names that LVM gives, such as pvmove0 and the ends of
/// hidden LVs, stay, and so do words that any report has. Pure.
class Pseudonyms {
public:
    void add_vg(std::string_view name);
    void add_lv(std::string_view name);
    /// With or without its domain.
    void add_host(std::string_view name);
    /// A name of device-mapper; `by_lvm`: it is that of an LV.
    void add_mapped(std::string_view name, bool by_lvm);

    /// Takes in the names that stand in the text where the daemon, its files, LVM or the kernel put
    /// them: paths below /dev, "polling of VG/LV (", `vgname = "VG"`, "volumeGroup":"VG".
    void learn(std::string_view text);

    /// The text with all these names replaced, wherever they stand as whole words.
    std::string applied_to(std::string_view text) const;

private:
    std::string name_of(std::string_view name, std::string_view kind);
    std::string lv_name_of(std::string_view name);
    void add_device(std::string_view name);
    void learn_path(std::string_view path);
    void learn_behind(std::string_view text, std::string_view key);

    std::map<std::string, std::string, std::less<>> names_;
    std::map<std::string, unsigned, std::less<>> counts_; ///< by kind
};

} // namespace lvmpolld::ctl
