// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/selection.h"

#include "base/limits.h"
#include "dm/name.h"

#include <algorithm>
#include <utility>

namespace lvmpolld::ctl {

namespace {

using overview::Kind;

constexpr std::string_view device_directory = "/dev/";
constexpr std::string_view mapper_directory = "/dev/mapper/";

bool is_name(std::string_view text) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789+_.-";
    return !text.empty() && text.size() <= limits::name_characters && text.front() != '-' &&
           text.find_first_not_of(allowed) == text.npos;
}

/// "vg" or "vg/lv".
bool set_names(What& what, std::string_view text) {
    const auto slash = text.find('/');
    const auto vg = text.substr(0, slash);
    const auto lv = slash == text.npos ? std::string_view() : text.substr(slash + 1);
    if (!is_name(vg) || (slash != text.npos && !is_name(lv)))
        return false;
    what.vg = vg;
    what.lv = lv;
    return true;
}

bool has_any(const std::vector<std::string>& paths, const std::vector<std::string>& wanted) {
    return std::ranges::find_first_of(paths, wanted) != paths.end();
}

} // namespace

bool What::matches(const overview::Entry& entry) const {
    if (entry.identifier == text)
        return true;
    if (!vg.empty() && entry.vg == vg && (lv.empty() || entry.lv == lv))
        return true;
    return has_any(entry.reads_from, paths) || has_any(entry.writes_to, paths);
}

std::optional<What> parse_what(std::string_view text, const std::string& device) {
    What what{.text = std::string(text)};
    if (!text.starts_with('/')) {
        if (!set_names(what, text))
            return std::nullopt;
        return what;
    }
    what.paths.emplace_back(text);
    if (!device.empty() && device != text)
        what.paths.push_back(device);
    // An LV has such paths, too.
    if (text.starts_with(mapper_directory)) {
        auto name = dm::parse_name(text.substr(mapper_directory.size()));
        if (name && name->layer.empty()) {
            what.vg = std::move(name->vg);
            what.lv = std::move(name->lv);
        }
    } else if (text.starts_with(device_directory)) {
        const auto rest = text.substr(device_directory.size());
        if (std::ranges::count(rest, '/') == 1)
            set_names(what, rest);
    }
    return what;
}

bool Selection::matches(const overview::Entry& entry) const {
    return (whats.empty() ||
            std::ranges::any_of(whats, [&](const What& what) { return what.matches(entry); })) &&
           (kinds.empty() || std::ranges::find(kinds, entry.kind) != kinds.end());
}

std::vector<Kind> kinds_called(std::string_view word) {
    if (word == "raid")
        return {Kind::raid_synchronisation, Kind::raid_rebuild, Kind::raid_reshape,
                Kind::raid_scrub};
    if (word == "cache")
        return {Kind::cache_flush, Kind::writecache_flush};
    if (word == "merge")
        return {Kind::merge, Kind::merge_thin};
    if (const auto kind = overview::named<Kind>(word))
        return {*kind};
    return {};
}

} // namespace lvmpolld::ctl
