// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string_view>

namespace lvmpolld {

/// Orders what has an identity() by it; an identity alone is compared with it, too.
template <typename T>
struct ByIdentity {
    using is_transparent = void;
    using Entry = std::shared_ptr<T>;

    bool operator()(const Entry& a, const Entry& b) const { return a->identity() < b->identity(); }

    bool operator()(const Entry& a, std::string_view b) const { return a->identity() < b; }

    bool operator()(std::string_view a, const Entry& b) const { return a < b->identity(); }
};

} // namespace lvmpolld
