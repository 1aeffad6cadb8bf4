// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/reload.h"

#include "daemon/settings.h"

namespace lvmpolld {

Reload reload(const Options& now, const Options& wanted) {
    Reload result{.options = now, .applied = {}, .waiting = {}};
    result.options.log_levels = wanted.log_levels;
    result.options.verbose_lvm = wanted.verbose_lvm;
    result.options.idle_exit = wanted.idle_exit;
    result.options.retention = wanted.retention;
    for (const auto& setting : settings()) {
        const auto value = setting.shown(wanted);
        if (value != setting.shown(now))
            (setting.at_start_only ? result.waiting : result.applied)
                .push_back(name_in_file(setting) + " = " + value);
    }
    return result;
}

} // namespace lvmpolld
