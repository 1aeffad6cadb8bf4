// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/filter.h"

#include <algorithm>

namespace lvmpolld::overview {

namespace {

template <class Value>
bool agrees(const std::optional<Value>& wanted, const Value& value) {
    return !wanted || *wanted == value;
}

template <class Value>
bool is_one_of(const std::optional<std::vector<Value>>& wanted, const Value& value) {
    return !wanted || std::ranges::find(*wanted, value) != wanted->end();
}

bool has(const std::vector<std::string>& paths, const std::string& path) {
    return std::ranges::find(paths, path) != paths.end();
}

} // namespace

bool Filter::matches(const Entry& entry) const {
    return agrees(vg, entry.vg) && agrees(lv, entry.lv) && (!store || store == entry.store) &&
           agrees(polled_by, entry.polled_by) && is_one_of(kinds, entry.kind) &&
           is_one_of(states, entry.state) &&
           (!physical_volume || has(entry.reads_from, *physical_volume) ||
            has(entry.writes_to, *physical_volume));
}

} // namespace lvmpolld::overview
