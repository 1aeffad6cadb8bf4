// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/writer.h"

#include <cassert>

namespace lvmpolld::config {

std::string in_quotes(std::string_view string) {
    std::string text = "\"";
    for (const char c : string) {
        if (c == '"' || c == '\\')
            text += '\\';
        text += c;
    }
    return text + '"';
}

Writer& Writer::entry(std::string_view key, std::string_view value) {
    begin_line(key);
    text_ += " = ";
    text_ += in_quotes(value);
    text_ += '\n';
    return *this;
}

Writer& Writer::entry(std::string_view key, std::int64_t value) {
    begin_line(key);
    text_ += " = ";
    text_ += std::to_string(value);
    text_ += '\n';
    return *this;
}

Writer& Writer::entry(std::string_view key, std::span<const std::string> values) {
    begin_line(key);
    text_ += " = [";
    for (std::string_view separator; const auto& value : values) {
        text_ += separator;
        text_ += in_quotes(value);
        separator = ", ";
    }
    text_ += "]\n";
    return *this;
}

Writer& Writer::section(std::string_view key) {
    begin_line(key);
    text_ += " {\n";
    ++depth_;
    return *this;
}

Writer& Writer::end() {
    assert(depth_ > 0);
    --depth_;
    text_.append(depth_, '\t');
    text_ += "}\n";
    return *this;
}

void Writer::begin_line(std::string_view key) {
    assert(!key.empty() && key.find('/') == key.npos);
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    text_.append(depth_, '\t');
    if (key.find_first_not_of(plain) == key.npos)
        text_ += key;
    else
        text_ += in_quotes(key);
}

} // namespace lvmpolld::config
