// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pseudonyms.h"

#include "dm/name.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lvmpolld::ctl {

namespace {

/// Whoever has such a name is not known by it, and a report without these words says nothing.
constexpr std::array<std::string_view, 33> ordinary_words{
    "root",   "swap",     "home",      "var",     "usr",    "tmp",    "boot",  "data",  "dev",
    "mapper", "disk",     "run",       "etc",     "sbin",   "bin",    "lib",   "lvm",   "lvm2",
    "lvpoll", "lvmpolld", "pvmove",    "mirror",  "linear", "raid",   "cache", "merge", "poll",
    "abort",  "snapshot", "localhost", "service", "socket", "control"};

/// Below /dev, and no disks.
constexpr std::array<std::string_view, 14> other_nodes{
    "null",   "zero",    "full",  "kmsg",   "log",    "console", "tty",
    "random", "urandom", "stdin", "stdout", "stderr", "fd",      "pts"};

/// Folders of /dev whose files are devices.
constexpr std::array<std::string_view, 5> device_folders{"mapper", "disk", "block", "char", "md"};

/// How LVM ends the names of LVs that it hides within another.
constexpr std::array<std::string_view, 18> hidden_ends{
    "_mimage",  "_mimagetmp", "_mlog",    "_rimage", "_rmeta", "_tdata",
    "_tmeta",   "_cdata",     "_cmeta",   "_corig",  "_cvol",  "_wcorig",
    "_vorigin", "_vdata",     "_pmspare", "_imeta",  "_iorig", "_cpool"};

bool is_of_name(char character) {
    return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '+' ||
           character == '_' || character == '.' || character == '-';
}

template <class Words>
bool has(const Words& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

/// The name at the beginning of the text: names begin with no hyphen and end in no full stop.
std::string_view first_name(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_of_name(text[size]))
        ++size;
    while (size > 0 && (text[size - 1] == '.' || text[size - 1] == '-'))
        --size;
    return size > 0 && text.front() == '-' ? std::string_view() : text.substr(0, size);
}

/// Where the end begins by which LVM has hidden the LV; the size of the name if it has not.
std::size_t hidden_end_of(std::string_view name) {
    const auto last = name.find_last_not_of("0123456789");
    const auto number = last != name.npos && name[last] == '_' ? last : name.size();
    for (const auto end : hidden_ends)
        for (const auto size : {number, name.size()})
            if (name.substr(0, size).ends_with(end) && size > end.size())
                return size - end.size();
    return name.size();
}

} // namespace

std::string Pseudonyms::name_of(std::string_view name, std::string_view kind) {
    if (name.empty() || has(ordinary_words, name))
        return std::string(name);
    const auto found = names_.find(name);
    if (found != names_.end())
        return found->second;
    auto& count = counts_.try_emplace(std::string(kind)).first->second;
    auto pseudonym = std::string(kind) + std::to_string(++count);
    names_.emplace(name, pseudonym);
    return pseudonym;
}

std::string Pseudonyms::lv_name_of(std::string_view name) {
    const auto end = hidden_end_of(name);
    if (dm::is_pvmove(name.substr(0, end)))
        return std::string(name);
    auto pseudonym = name_of(name.substr(0, end), "lv");
    if (end == name.size())
        return pseudonym;
    pseudonym += name.substr(end);
    return names_.emplace(name, pseudonym).first->second;
}

void Pseudonyms::add_vg(std::string_view name) {
    name_of(name, "vg");
}

void Pseudonyms::add_lv(std::string_view name) {
    lv_name_of(name);
}

void Pseudonyms::add_host(std::string_view name) {
    const auto label = name.substr(0, name.find('.'));
    const auto pseudonym = name_of(label, "host");
    if (!name.empty() && pseudonym != label)
        names_.emplace(name, pseudonym);
}

void Pseudonyms::add_mapped(std::string_view name, bool by_lvm) {
    const auto parts = by_lvm ? dm::parse_name(name) : std::nullopt;
    if (!parts)
        return add_device(name);
    auto pseudonym = dm::dm_name(name_of(parts->vg, "vg"), lv_name_of(parts->lv));
    if (!parts->layer.empty())
        pseudonym += "-" + parts->layer;
    if (pseudonym != name)
        names_.emplace(name, pseudonym);
}

void Pseudonyms::add_device(std::string_view name) {
    name_of(name, "device");
}

void Pseudonyms::learn_path(std::string_view path) {
    const auto folder = first_name(path);
    if (folder.empty() || has(other_nodes, folder))
        return;
    if (folder.size() == path.size() || path[folder.size()] != '/')
        return has(device_folders, folder) ? void() : add_device(folder);
    auto rest = path.substr(folder.size() + 1);
    if (has(device_folders, folder)) {
        while (rest.find('/') < first_name(rest).size() + 1)
            rest.remove_prefix(rest.find('/') + 1); // disk/by-id/…
        const auto name = first_name(rest);
        return has(other_nodes, name) ? void() : add_device(name);
    }
    add_vg(folder);
    add_lv(first_name(rest));
}

void Pseudonyms::learn_behind(std::string_view text, std::string_view key) {
    for (auto at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
        auto rest = text.substr(at + key.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(" =\":'"), rest.size()));
        const auto first = first_name(rest);
        const bool two = first.size() < rest.size() && rest[first.size()] == '/';
        if (two) {
            add_vg(first);
            add_lv(first_name(rest.substr(first.size() + 1)));
        } else if (key == "lvname" || key == "logicalVolume\"" || key == "LVM_LV=") {
            add_lv(first);
        } else if (key == "vgname" || key == "volumeGroup\"" || key == "LVM_VG=") {
            add_vg(first);
        }
    }
}

void Pseudonyms::learn(std::string_view text) {
    for (const auto* key : {"vgname", "lvname", "volumeGroup\"", "logicalVolume\"",
                            "LVM_VG=", "LVM_LV=", "polling of ", "abort of "})
        learn_behind(text, key);
    constexpr std::string_view devices = "/dev/";
    for (auto at = text.find(devices); at != text.npos; at = text.find(devices, at + 1))
        learn_path(text.substr(at + devices.size()));
}

std::string Pseudonyms::applied_to(std::string_view text) const {
    std::string replaced;
    replaced.reserve(text.size());
    while (!text.empty()) {
        auto name = first_name(text);
        if (name.empty()) {
            replaced += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto found = names_.find(name);
        replaced += found == names_.end() ? name : std::string_view(found->second);
        text.remove_prefix(name.size());
        while (!text.empty() && is_of_name(text.front())) { // the full stop behind it
            replaced += text.front();
            text.remove_prefix(1);
        }
    }
    return replaced;
}

} // namespace lvmpolld::ctl
