// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"

#include <algorithm>

namespace lvmpolld {

std::optional<Slots::Slot> Slots::take(const std::string& key, const void* owner,
                                       std::function<void()> wake) {
    auto found = places_.find(owner);
    if (found != places_.end() && found->second->key != key) {
        forget(owner);
        found = places_.end();
    }
    if (found == places_.end()) {
        std::list<Place> last{Place{.owner = owner, .key = key, .wake = nullptr}};
        found = places_.emplace(owner, last.begin()).first;
        queue_.splice(queue_.end(), last);
    }
    const auto place = found->second;
    const auto turns = next();
    if (std::ranges::find(turns, &*place) == turns.end()) {
        place->wake = std::move(wake);
        return std::nullopt;
    }
    queue_.erase(place);
    places_.erase(found);
    return occupy(key);
}

Slots::Slot Slots::occupy(const std::string& key) {
    busy_.insert(key);
    return {*this, key};
}

void Slots::forget(const void* owner) {
    const auto found = places_.find(owner);
    if (found == places_.end())
        return;
    queue_.erase(found->second);
    places_.erase(found);
    wake_next(); // it may have stood in somebody's way
}

void Slots::give_back(const std::string& key) {
    busy_.erase(busy_.find(key));
    wake_next();
}

std::array<Slots::Place*, Slots::most> Slots::next() {
    std::array<Place*, most> turns{};
    std::size_t count = 0;
    const auto has_turn = [&](const std::string& key) {
        return std::any_of(turns.begin(), turns.begin() + count,
                           [&](const Place* turn) { return turn->key == key; });
    };
    for (auto& place : queue_) {
        if (busy_.size() + count >= most)
            break;
        if (!busy_.contains(place.key) && !has_turn(place.key))
            turns[count++] = &place;
    }
    return turns;
}

void Slots::wake_next() {
    for (auto* place : next())
        if (const auto wake = place ? std::exchange(place->wake, nullptr) : nullptr)
            wake();
}

} // namespace lvmpolld
