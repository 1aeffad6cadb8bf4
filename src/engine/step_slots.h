// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Lets one step at a time run in a VG, where they would wait for each other's lock, and a few in all.
/// Monitor thread.
class StepSlots {
public:
    static constexpr std::size_t most = 8;

    /// The right to run a step; given back at the end of its life.
    class Slot {
    public:
        Slot(StepSlots& slots, std::string vg) : slots_(&slots), vg_(std::move(vg)) {}

        Slot(Slot&& other) noexcept
            : slots_(std::exchange(other.slots_, nullptr)), vg_(std::move(other.vg_)) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (slots_)
                slots_->give_back(vg_);
        }

    private:
        StepSlots* slots_;
        std::string vg_;
    };

    /// A slot in the VG, or none; then `wake` is called once when `owner` may try again. Whoever has waited
    /// longest for a slot is woken first.
    std::optional<Slot> take(const std::string& vg, const void* owner, std::function<void()> wake) {
        if (busy_.size() >= most || !busy_.insert(vg).second) {
            place_of(owner).wake = std::move(wake);
            return std::nullopt;
        }
        forget(owner);
        return Slot(*this, vg);
    }

    /// `owner` isn't to be woken before it tries again. It keeps its place.
    void stop_waking(const void* owner) { place_of(owner).wake = nullptr; }

    /// `owner` doesn't wait any more.
    void forget(const void* owner) {
        std::erase_if(queue_, [owner](const Place& place) { return place.owner == owner; });
    }

private:
    struct Place {
        const void* owner;
        std::function<void()> wake; ///< null: not to be woken
    };

    Place& place_of(const void* owner) {
        const auto found = std::ranges::find(queue_, owner, &Place::owner);
        return found != queue_.end() ? *found : queue_.emplace_back(Place{owner, nullptr});
    }

    void give_back(const std::string& vg) {
        busy_.erase(vg);
        for (auto& place : queue_)
            if (const auto wake = std::exchange(place.wake, nullptr))
                wake();
    }

    std::set<std::string> busy_;
    std::vector<Place> queue_; ///< in the order of arrival
};

} // namespace lvmpolld
