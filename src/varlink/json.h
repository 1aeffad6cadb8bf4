// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace lvmpolld::varlink {

/// Keeps the order of its keys.
using Json = nlohmann::ordered_json;

/// Nothing if the text is no JSON, or nested more deeply than limits::varlink_depth.
inline std::optional<Json> parse_json(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string && c == '\\')
            ++i;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '[') && ++depth > limits::varlink_depth)
            return std::nullopt;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            --depth;
    }
    auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded())
        return std::nullopt;
    return json;
}

/// The text of a message, without its end. What is no UTF-8 in it is replaced.
inline std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace lvmpolld::varlink
