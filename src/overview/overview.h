// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::overview {

/// All entries that observers may see, in two orders: that in which they have begun, for a list,
/// and that of their last change, for those who follow. An observer needs one number of the order
/// that it reads, however many entries there are and however slowly it reads:
///
///     for (auto* item = overview.next_changed(seen); item; item = overview.next_changed(seen))
///         seen = item->changed;
///
/// Intermediate states of an entry are lost on whoever reads more slowly than it changes; the last
/// one is not, except that of ended ones only the last `results` stay. One thread. Pure.
class Overview {
public:
    using Number = std::uint64_t; ///< 0 comes before all

    struct Item {
        Entry entry;
        Number born = 0;
        Number changed = 0;
        Number round = 0;   ///< of the last update that had it
        std::string text{}; ///< room for what readers make of the entry; empty after each change
    };

    explicit Overview(std::size_t results) : results_(results) {}

    /// `entries` are all that are under way, and any that have ended; of what was under way and is
    /// not among them, nobody knows how it has ended. Returns whether anything has changed.
    bool update(std::vector<Entry> entries);

    /// The first one that began after `born`, or null.
    Item* next_born(Number born);

    /// The first one whose last change came after `changed`, or null.
    Item* next_changed(Number changed);

    /// Of the newest entry.
    Number last_born() const noexcept { return by_born_.empty() ? 0 : by_born_.rbegin()->first; }

    Number last_changed() const noexcept { return last_changed_; }

    /// The end of some entry that changed after `changed` is not kept any more.
    bool has_lost(Number changed) const noexcept { return changed < last_lost_; }

    bool has_any_under_way() const noexcept { return by_born_.size() > ended_.size(); }

    void clear();

private:
    void show(Entry entry);
    void end_missing();
    void drop_surplus();

    const std::size_t results_;
    Number last_born_ = 0;
    Number last_changed_ = 0;
    Number last_lost_ = 0;
    Number round_ = 0;
    std::map<Number, Item> by_born_;
    std::map<Number, Number> by_changed_;                      ///< to its birth
    std::map<std::string, Number, std::less<>> by_identifier_; ///< likewise
    std::map<Number, Number> ended_; ///< of those that have: last change to birth
};

} // namespace lvmpolld::overview
