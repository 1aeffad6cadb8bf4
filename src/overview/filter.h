// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::overview {

/// What has to be so of an entry; what is absent holds for all.
struct Filter {
    std::optional<std::string> vg{};
    std::optional<std::string> lv{};
    std::optional<std::string> physical_volume{}; ///< that is read or written
    std::optional<StoreKind> store{};
    std::optional<std::vector<Kind>> kinds{};
    std::optional<std::vector<State>> states{};
    std::optional<PolledBy> polled_by{};

    bool matches(const Entry& entry) const;

    bool operator==(const Filter&) const = default;
};

} // namespace lvmpolld::overview
