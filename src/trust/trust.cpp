// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/trust.h"

#include "dm/name.h"
#include "trust/tracked_copy.h"

#include <set>
#include <variant>

namespace lvmpolld {

std::shared_ptr<TrackedCopy> Trust::track(std::string_view lvid) {
    auto& entry = tracked_[std::string(lvid)];
    auto tracked = entry.lock();
    if (!tracked)
        entry = tracked = std::make_shared<TrackedCopy>(*this, std::string(lvid));
    return tracked;
}

std::shared_ptr<TrackedCopy> Trust::find(std::string_view lvid) const {
    const auto entry = tracked_.find(lvid);
    return entry != tracked_.end() ? entry->second.lock() : nullptr;
}

void Trust::untrack(const std::string& lvid) noexcept {
    tracked_.erase(lvid);
}

void Trust::strike_off_the_gone(dm::Kernel& kernel,
                                const std::function<bool(std::string_view)>& is_polled) {
    std::set<std::string> lvids;
    for (const auto& [copy, lasts] : suspects.all())
        if (const auto lvid = dm::lvid_of_uuid(copy.uuid); lvid && !is_polled(*lvid))
            lvids.insert(*lvid);
    for (const auto& lvid : lvids) {
        const auto view = kernel.look(lvid, OperationType::convert); // of any mirror
        if (std::holds_alternative<dm::NotCopying>(view))
            suspects.erase_all_of(lvid);
        else if (std::holds_alternative<dm::Inactive>(view))
            suspects.erase_lost_with_device(lvid);
    }
}

} // namespace lvmpolld
