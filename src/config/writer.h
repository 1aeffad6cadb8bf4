// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld::config {

/// The string as it stands in a text in libdm's config grammar.
std::string in_quotes(std::string_view string);

/// Builds a text in libdm's config grammar, one entry a line, that Document reads back as it was. A
/// key is not empty and contains no '/', which would separate sections; neither keys nor strings
/// contain NUL. A string that is empty reads back as absent.
class Writer {
public:
    Writer& entry(std::string_view key, std::string_view value);
    Writer& entry(std::string_view key, std::int64_t value);
    Writer& entry(std::string_view key, std::span<const std::string> values);

    /// What follows goes into this section, until end().
    Writer& section(std::string_view key);
    Writer& end();

    const std::string& text() const& { return text_; }

    std::string text() && { return std::move(text_); }

private:
    void begin_line(std::string_view key);

    std::string text_;
    std::size_t depth_ = 0;
};

} // namespace lvmpolld::config
