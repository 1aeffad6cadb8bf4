// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace lvmpolld {

/// Lets one at a time work under a key (the steps of one VG would wait for each other's lock), and
/// a few in all. In the order of arrival: whoever comes later cannot overtake somebody who could
/// have the slot. Only those whose turn it is are woken, however many wait. Monitor thread.
class Slots {
public:
    static constexpr std::size_t most = 8;

    /// The right to work under a key; given back at the end of its life.
    class Slot {
    public:
        Slot(Slots& slots, std::string key) : slots_(&slots), key_(std::move(key)) {}

        Slot(Slot&& other) noexcept
            : slots_(std::exchange(other.slots_, nullptr)), key_(std::move(other.key_)) {}

        Slot& operator=(Slot&&) = delete;

        ~Slot() {
            if (slots_)
                slots_->give_back(key_);
        }

    private:
        Slots* slots_;
        std::string key_;
    };

    /// A slot, or none; then `wake` is called once when it is the turn of `owner`, who has to take
    /// it or forget. Another key is another place, the last one.
    std::optional<Slot> take(const std::string& key, const void* owner, std::function<void()> wake);

    /// A slot at once, beside those that are taken: others wait for this one.
    Slot occupy(const std::string& key);

    /// `owner` waits no more.
    void forget(const void* owner);

private:
    struct Place {
        const void* owner = nullptr;
        std::string key;
        std::function<void()> wake; ///< null: was woken
    };

    void give_back(const std::string& key);

    /// Those who could have a slot now, in the order of arrival; null where there are fewer.
    std::array<Place*, most> next();
    void wake_next();

    std::multiset<std::string> busy_;
    std::list<Place> queue_; ///< in the order of arrival
    /// By owner: thousands wait, and each of them looks again and again.
    std::map<const void*, std::list<Place>::iterator> places_;
};

} // namespace lvmpolld
