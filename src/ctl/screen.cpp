// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/screen.h"

#include "ctl/units.h"

#include <algorithm>

namespace lvmpolld::ctl {

namespace {

/// Columns of a text with colours in it, each "\x1b[...m".
std::size_t visible_columns(const std::string& text) {
    std::string visible;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\x1b')
            i = std::min(text.find('m', i), text.size());
        else
            visible += text[i];
    return columns_of(visible);
}

} // namespace

std::string Screen::frame(const std::vector<std::string>& lines, std::size_t columns) {
    std::size_t rows = 0;
    for (const auto width : drawn_)
        rows += std::max<std::size_t>((width + columns - 1) / columns, 1);
    std::string text;
    if (rows > 0)
        text += "\r\x1b[" + std::to_string(rows) + "A";
    drawn_.clear();
    for (const auto& line : lines) {
        text += line + "\x1b[K\r\n";
        drawn_.push_back(visible_columns(line));
    }
    return text + "\x1b[J";
}

} // namespace lvmpolld::ctl
