// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

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

    /// A slot in the VG, or none; then `wake` is called once when `owner` may try again.
    std::optional<Slot> take(const std::string& vg, const void* owner, std::function<void()> wake) {
        if (busy_.size() >= most || !busy_.insert(vg).second) {
            waiting_.insert_or_assign(owner, std::move(wake));
            return std::nullopt;
        }
        return Slot(*this, vg);
    }

    /// `owner` doesn't wait any more.
    void forget(const void* owner) { waiting_.erase(owner); }

private:
    void give_back(const std::string& vg) {
        busy_.erase(vg);
        const auto waiting = std::exchange(waiting_, {});
        for (const auto& [owner, wake] : waiting)
            wake();
    }

    std::set<std::string> busy_;
    std::map<const void*, std::function<void()>> waiting_;
};

} // namespace lvmpolld
