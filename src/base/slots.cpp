// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"

#include <algorithm>

namespace lvmpolld {

std::optional<Slots::Slot> Slots::take(const std::string& key, const void* owner,
                                       std::function<void()> wake) {
    const auto place = std::ranges::find(queue_, owner, &Place::owner);
    const bool first = std::none_of(queue_.begin(), place, [&](const Place& earlier) {
        return earlier.key == key || !busy_.contains(earlier.key);
    });
    if (busy_.size() >= most || busy_.contains(key) || !first) {
        auto& mine = place != queue_.end() ? *place : queue_.emplace_back();
        mine = {owner, key, std::move(wake)};
        return std::nullopt;
    }
    forget(owner);
    return occupy(key);
}

Slots::Slot Slots::occupy(const std::string& key) {
    busy_.insert(key);
    return {*this, key};
}

void Slots::forget(const void* owner) {
    if (std::erase_if(queue_, [owner](const Place& place) { return place.owner == owner; }) > 0)
        wake_all(); // it may have stood in somebody's way
}

void Slots::give_back(const std::string& key) {
    busy_.erase(busy_.find(key));
    wake_all();
}

void Slots::wake_all() {
    for (auto& place : queue_)
        if (const auto wake = std::exchange(place.wake, nullptr))
            wake();
}

} // namespace lvmpolld
