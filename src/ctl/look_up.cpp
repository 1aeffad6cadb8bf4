// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/command.h"
#include "dm/device_name.h"

#include <sys/stat.h>

namespace lvmpolld::ctl {

Selection selection_of(const Command& command) {
    Selection selection{.whats = {}, .kinds = command.kinds};
    for (const auto& text : command.whats) {
        struct stat file {};

        const bool is_device =
            text.starts_with('/') && ::stat(text.c_str(), &file) == 0 && S_ISBLK(file.st_mode);
        auto what = parse_what(text, is_device ? dm::device_path(file.st_rdev) : std::string());
        if (!what)
            throw Refused("'" + text +
                              "' names no volume group (vg0), logical volume (vg0/data) or "
                              "physical volume (/dev/sdb)",
                          exit_usage);
        selection.whats.push_back(*std::move(what));
    }
    return selection;
}

} // namespace lvmpolld::ctl
