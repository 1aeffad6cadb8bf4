// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "process/survivor.h"

#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// The environment variable by which the processes of an operation are recognised: by a later
/// daemon, and beneath a script.
inline constexpr std::string_view operation_mark = "LVMPOLLD_OPERATION";

/// What tells the processes of one run of lvpoll.
struct LvPollMark {
    std::string value;
    bool is_script = false; ///< the program is run by an interpreter, and lvm beneath it
};

/// The lvpolls with this mark: never lvm's own helpers, such as thin_check, which have no such
/// argument.
inline std::vector<Survivor> find_lvpolls(const std::string& mark) {
    auto found = find_survivors("lvpoll", operation_mark, mark);
    std::erase_if(found, [&](const Survivor& survivor) { return survivor.mark != mark; });
    return found;
}

} // namespace lvmpolld
