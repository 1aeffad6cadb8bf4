// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pursuit.h"

#include "ctl/words.h"

#include <algorithm>

namespace lvmpolld::ctl {

namespace {

using overview::Ending;
using overview::Entry;
using overview::StoreKind;

bool is_abort(const Entry& entry) {
    return entry.store == StoreKind::abort;
}

/// They are about the same thing, and may have other identifiers.
bool is_same(const Entry& one, const Entry& other) {
    return one.lvid == other.lvid && is_abort(one) == is_abort(other);
}

bool is_taken_over(const Entry& entry) {
    return entry.result && entry.result->ending == Ending::taken_over;
}

} // namespace

void Pursuit::begin(const std::vector<Entry>& under_way) {
    for (const auto& entry : under_way)
        if (!entry.is_over() && selection_.matches(entry))
            entries_.push_back(entry);
}

void Pursuit::resume(const std::vector<Entry>& known, overview::WallTime now) {
    others_.clear();
    taken_over_.clear();
    for (auto& entry : entries_) {
        if (entry.is_over())
            continue;
        const auto continues = [&](const Entry& other) {
            return !is_taken_over(other) && is_same(entry, other) &&
                   (!other.is_over() || other.finished >= began_);
        };
        // Rather what is under way than what has ended.
        auto found = std::ranges::find_if(
            known, [&](const Entry& other) { return !other.is_over() && continues(other); });
        if (found == known.end())
            found = std::ranges::find_if(known, continues);
        if (found != known.end()) {
            entry = *found;
            continue;
        }
        entry = overview::ended(entry, {.ending = Ending::gone}, now);
    }
    take(known);
}

void Pursuit::take(const std::vector<Entry>& changed) {
    // First what is new, so that it is there when something else is taken over.
    for (const auto& entry : changed)
        if (!is_taken_over(entry))
            take_one(entry);
    for (const auto& entry : changed)
        if (is_taken_over(entry))
            take_one(entry);
}

void Pursuit::take_one(const Entry& entry) {
    const auto is_it = [&](const Entry& other) { return other.identifier == entry.identifier; };
    std::erase_if(others_, is_it);
    const auto followed = std::ranges::find_if(
        entries_, [&](const Entry& other) { return !other.is_over() && is_it(other); });
    if (followed != entries_.end() && is_taken_over(entry)) {
        const bool has_heir = std::ranges::any_of(entries_, [&](const Entry& other) {
            return !is_it(other) && !other.is_over() && is_same(entry, other);
        });
        if (has_heir) {
            entries_.erase(followed);
            return;
        }
        const auto heir = std::ranges::find_if(
            others_, [&](const Entry& other) { return is_same(entry, other); });
        if (heir != others_.end()) {
            *followed = *heir;
            others_.erase(heir);
        } else {
            taken_over_.push_back(entry.lvid); // its place stays, for the one that follows
        }
        return;
    }
    if (followed != entries_.end()) {
        *followed = entry;
        return;
    }
    if (is_taken_over(entry))
        return;
    if (const auto expected = std::ranges::find(taken_over_, entry.lvid);
        expected != taken_over_.end() && !is_abort(entry)) {
        const auto place = std::ranges::find_if(entries_, [&](const Entry& other) {
            return !other.is_over() && is_same(entry, other);
        });
        taken_over_.erase(expected);
        if (place != entries_.end())
            *place = entry;
        return;
    }
    if (entry.is_over() || !selection_.matches(entry))
        return;
    if (newcomers_ == Newcomers::followed)
        entries_.push_back(entry);
    else
        others_.push_back(entry);
}

std::size_t Pursuit::under_way() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](const Entry& entry) { return !entry.is_over(); }));
}

std::size_t Pursuit::failed() const {
    return static_cast<std::size_t>(std::ranges::count_if(entries_, has_failed));
}

} // namespace lvmpolld::ctl
