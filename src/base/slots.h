// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
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
    using Arrival = std::uint64_t;
    struct Group;
    using Ready = std::map<Arrival, Group*>;

    struct Place {
        const void* owner;
        Arrival arrival;
        std::function<void()> wake; ///< null: was woken
    };

    /// All that is known of one key.
    struct Group {
        std::string key;
        std::list<Place> waiting{}; ///< in the order of arrival
        std::size_t busy = 0;
        Arrival ready_since = 0;    ///< its key in `ready_`, if it is there
        Ready::node_type resting{}; ///< its node of `ready_`, while it is not there
    };

    /// Who waits, and where.
    struct Waiter {
        Group* group;
        std::list<Place>::iterator place;
    };

    using Waiters = std::map<const void*, Waiter>;

    Group& group_of(const std::string& key);
    Slot occupy(Group& group, std::string key) noexcept;
    void give_back(const std::string& key);
    void remove(Waiters::iterator waiter);
    /// After each change of a group: gives it its place among those that are ready. Needs no
    /// memory.
    void update_ready(Group& group) noexcept;
    void drop_if_unused(Group& group);
    /// The groups whose first could have a slot now.
    std::span<Group* const> next(std::array<Group*, most>& space) const;
    bool has_turn(const Waiter& waiter) const;
    void wake_next();

    // Thousands may wait, each of which looks again and again: nothing here goes through them all.
    std::map<std::string, Group> groups_; ///< of the keys that somebody has or waits for
    Ready ready_; ///< where nobody works and somebody waits, by the first one's arrival
    Waiters waiters_;
    Arrival arrivals_ = 0;
    std::size_t busy_ = 0;
};

} // namespace lvmpolld
