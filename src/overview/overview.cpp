// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/overview.h"

#include <utility>

namespace lvmpolld::overview {

bool Overview::update(std::vector<Entry> entries) {
    const auto before = last_changed_;
    ++round_;
    for (auto& entry : entries)
        show(std::move(entry));
    end_missing();
    drop_surplus();
    return last_changed_ != before;
}

void Overview::show(Entry entry) {
    const auto [known, is_new] = by_identifier_.try_emplace(entry.identifier, last_born_ + 1);
    if (is_new)
        ++last_born_;
    auto& item = by_born_[known->second];
    item.round = round_;
    if (!is_new && (item.entry.is_over() || item.entry == entry))
        return;
    by_changed_.erase(item.changed);
    item.entry = std::move(entry);
    item.born = known->second;
    item.changed = ++last_changed_;
    item.text.clear();
    by_changed_.emplace(item.changed, item.born);
    if (item.entry.is_over())
        ended_.emplace(item.changed, item.born);
}

void Overview::end_missing() {
    std::vector<Entry> missing;
    for (const auto& [born, item] : by_born_)
        if (item.round != round_ && !item.entry.is_over())
            missing.push_back(item.entry);
    for (auto& entry : missing) {
        entry.state = State::finished;
        entry.result = Outcome{.ending = Ending::unknown};
        show(std::move(entry));
    }
}

void Overview::drop_surplus() {
    while (ended_.size() > results_) {
        const auto [changed, born] = *ended_.begin();
        last_lost_ = changed;
        by_identifier_.erase(by_born_.at(born).entry.identifier);
        by_born_.erase(born);
        by_changed_.erase(changed);
        ended_.erase(ended_.begin());
    }
}

Overview::Item* Overview::next_born(Number born) {
    const auto next = by_born_.upper_bound(born);
    return next == by_born_.end() ? nullptr : &next->second;
}

Overview::Item* Overview::next_changed(Number changed) {
    const auto next = by_changed_.upper_bound(changed);
    return next == by_changed_.end() ? nullptr : &by_born_.at(next->second);
}

void Overview::clear() {
    by_born_.clear();
    by_changed_.clear();
    by_identifier_.clear();
    ended_.clear();
}

} // namespace lvmpolld::overview
