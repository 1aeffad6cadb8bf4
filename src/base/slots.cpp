// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"

#include <algorithm>

namespace lvmpolld {

std::optional<Slots::Slot> Slots::take(const std::string& key, const void* owner,
                                       std::function<void()> wake) {
    auto waiter = waiters_.find(owner);
    if (waiter != waiters_.end() && waiter->second.group->key != key) {
        forget(owner);
        waiter = waiters_.end();
    }
    if (waiter == waiters_.end()) {
        std::list<Place> last{Place{.owner = owner, .arrival = ++arrivals_, .wake = nullptr}};
        Waiters own; // what needs memory comes first
        own.emplace(owner, Waiter{.group = nullptr, .place = last.begin()});
        auto& group = group_of(key);
        own.begin()->second.group = &group;
        waiter = waiters_.insert(own.extract(own.begin())).position;
        group.waiting.splice(group.waiting.end(), last);
        update_ready(group);
    }
    const auto [group, place] = waiter->second;
    if (!has_turn(waiter->second)) {
        place->wake = std::move(wake);
        return std::nullopt;
    }
    auto slot = occupy(*group, key);
    remove(waiter);
    return slot;
}

Slots::Slot Slots::occupy(const std::string& key) {
    auto own_key = key; // what needs memory comes first
    return occupy(group_of(key), std::move(own_key));
}

Slots::Slot Slots::occupy(Group& group, std::string key) noexcept {
    ++busy_;
    ++group.busy;
    update_ready(group);
    return {*this, std::move(key)};
}

void Slots::forget(const void* owner) {
    const auto waiter = waiters_.find(owner);
    if (waiter == waiters_.end())
        return;
    auto& group = *waiter->second.group;
    remove(waiter);
    update_ready(group);
    drop_if_unused(group);
    wake_next(); // it may have stood in somebody's way
}

void Slots::give_back(const std::string& key) {
    auto& group = groups_.at(key);
    --busy_;
    --group.busy;
    update_ready(group);
    drop_if_unused(group);
    wake_next();
}

Slots::Group& Slots::group_of(const std::string& key) {
    if (const auto known = groups_.find(key); known != groups_.end())
        return known->second;
    Ready place;
    place.emplace(0, nullptr);
    auto& group = groups_.emplace(key, Group{.key = key}).first->second;
    group.resting = place.extract(place.begin());
    group.resting.mapped() = &group;
    return group;
}

void Slots::remove(Waiters::iterator waiter) {
    waiter->second.group->waiting.erase(waiter->second.place);
    waiters_.erase(waiter);
}

void Slots::update_ready(Group& group) noexcept {
    if (!group.resting)
        group.resting = ready_.extract(group.ready_since);
    if (group.busy > 0 || group.waiting.empty())
        return;
    group.ready_since = group.waiting.front().arrival;
    group.resting.key() = group.ready_since;
    ready_.insert(std::move(group.resting));
}

void Slots::drop_if_unused(Group& group) {
    if (group.busy == 0 && group.waiting.empty())
        groups_.erase(groups_.find(group.key));
}

std::span<Slots::Group* const> Slots::next(std::array<Group*, most>& space) const {
    const auto free = most - std::min(most, busy_);
    std::size_t count = 0;
    for (auto place = ready_.begin(); place != ready_.end() && count < free; ++place)
        space[count++] = place->second;
    return {space.data(), count};
}

bool Slots::has_turn(const Waiter& waiter) const {
    std::array<Group*, most> space{};
    return waiter.place == waiter.group->waiting.begin() &&
           std::ranges::count(next(space), waiter.group) != 0;
}

void Slots::wake_next() {
    std::array<Group*, most> space{};
    for (auto* group : next(space))
        if (const auto wake = std::exchange(group->waiting.front().wake, nullptr))
            wake();
}

} // namespace lvmpolld
