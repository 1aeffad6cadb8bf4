// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/document.h"

#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld::config {

inline std::optional<std::string> string(std::string_view text, std::string_view path) {
    const auto document = Document::parse(text);
    if (!document)
        return std::nullopt;
    const auto value = document->root().string(path);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

inline std::optional<std::int64_t> integer64(std::string_view text, std::string_view path) {
    const auto document = Document::parse(text);
    return document ? document->root().integer64(path) : std::nullopt;
}

inline bool parses(std::string_view text) {
    return Document::parse(text).has_value();
}

} // namespace lvmpolld::config
