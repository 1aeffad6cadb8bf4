// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/options.h"

#include <string>
#include <vector>

namespace lvmpolld {

/// What reading the settings again comes to.
struct Reload {
    Options options;                  ///< what holds from now on
    std::vector<std::string> applied; ///< "timeout = 30", for the log
    std::vector<std::string> waiting; ///< likewise; they need a restart
};

/// The settings are `now`, and the command line and the file want `wanted`. Pure.
Reload reload(const Options& now, const Options& wanted);

} // namespace lvmpolld
