// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lvmpolld {

/// What `text_of` makes of each of `items`, with `separator` between them.
template <class Items, class TextOf = std::identity>
std::string joined(const Items& items, std::string_view separator, const TextOf& text_of = {}) {
    std::string text;
    for (const auto& item : items)
        text.append(text.empty() ? "" : separator).append(text_of(item));
    return text;
}

} // namespace lvmpolld
