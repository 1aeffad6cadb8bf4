// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/trust.h"

#include "trust/tracked_copy.h"

namespace lvmpolld {

std::shared_ptr<TrackedCopy> Trust::track(std::string_view lvid) {
    std::erase_if(tracked_, [](const auto& entry) { return entry.second.expired(); });
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

} // namespace lvmpolld
