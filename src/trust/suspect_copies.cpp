// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/suspect_copies.h"

#include "operation/record.h"

#include <algorithm>
#include <utility>

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
    return std::ranges::any_of(copies_,
                               [lvid](const auto& entry) { return is_of(entry.first, lvid); });
}

void SuspectCopies::insert(const CopyIdentity& copy, Lasts lasts) {
    const auto [entry, inserted] = copies_.try_emplace(copy, lasts);
    if (inserted || std::exchange(entry->second, lasts) != lasts)
        save();
}

void SuspectCopies::erase(const CopyIdentity& copy) {
    if (copies_.erase(copy) > 0)
        save();
}

template <class Predicate>
void SuspectCopies::erase_if(const Predicate& is_meant) {
    if (std::erase_if(copies_, is_meant) > 0)
        save();
}

void SuspectCopies::erase_others(const CopyIdentity& copy) {
    erase_if(
        [&](const auto& entry) { return entry.first.uuid == copy.uuid && entry.first != copy; });
}

void SuspectCopies::erase_all_of(std::string_view lvid) {
    erase_if([lvid](const auto& entry) { return is_of(entry.first, lvid); });
}

void SuspectCopies::erase_lost_with_device(std::string_view lvid) {
    erase_if([lvid](const auto& entry) {
        return entry.second == Lasts::with_device && is_of(entry.first, lvid);
    });
}

void SuspectCopies::save() const {
    if (records_ != nullptr)
        records_->save_suspects(copies_);
}

} // namespace lvmpolld
