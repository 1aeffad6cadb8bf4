// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/suspect_copies.h"

#include "operation/record.h"

#include <algorithm>

namespace lvmpolld {

namespace {

/// A device of the LV has its LVID and perhaps a suffix behind LVM's prefix.
bool is_of(const CopyIdentity& copy, std::string_view lvid) {
    constexpr std::string_view prefix = "LVM-";
    const std::string_view uuid = copy.uuid;
    return uuid.starts_with(prefix) && uuid.substr(prefix.size()).starts_with(lvid);
}

} // namespace

bool SuspectCopies::contains_any_of(std::string_view lvid) const {
    return std::ranges::any_of(copies_, [lvid](const auto& copy) { return is_of(copy, lvid); });
}

void SuspectCopies::insert(CopyIdentity copy) {
    if (copies_.insert(std::move(copy)).second)
        save();
}

void SuspectCopies::erase(const CopyIdentity& copy) {
    if (copies_.erase(copy) > 0)
        save();
}

void SuspectCopies::erase_others(const CopyIdentity& copy) {
    const auto erased = std::erase_if(copies_, [&](const auto& other) {
        return other.uuid == copy.uuid && other.segment_start != copy.segment_start;
    });
    if (erased > 0)
        save();
}

void SuspectCopies::erase_all_of(std::string_view lvid) {
    if (std::erase_if(copies_, [lvid](const auto& copy) { return is_of(copy, lvid); }) > 0)
        save();
}

void SuspectCopies::save() const {
    if (records_ != nullptr)
        records_->save_suspects(copies_);
}

} // namespace lvmpolld
