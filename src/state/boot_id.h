// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/text_file.h"

#include <algorithm>
#include <string>

namespace lvmpolld {

/// What tells this boot of the kernel from every other; empty if it can't be read.
inline std::string boot_id() {
    auto text = read_text_file("/proc/sys/kernel/random/boot_id").value_or("");
    text.erase(std::min(text.find('\n'), text.size()));
    return text;
}

} // namespace lvmpolld
