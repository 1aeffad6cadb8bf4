// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>

namespace lvmpolld {

/// Replaces each control character but the tab by a '?': the text is one line then, and no terminal
/// obeys it.
inline void make_harmless(std::string& text) noexcept {
    std::replace_if(
        text.begin(), text.end(),
        [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }, '?');
}

} // namespace lvmpolld
