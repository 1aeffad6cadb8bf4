// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// What the daemon's state directory tells of crashes.
struct StateFacts {
    std::string path{};
    std::uint64_t crashes = 0;   ///< in a row until now
    std::int64_t last_crash = 0; ///< when a start noticed it, seconds since 1970; 0: not known
    bool unnoticed = false;      ///< nothing has been started since the last one
    std::vector<std::string> set_aside{}; ///< files, by name
};

/// Where the daemon keeps its state: as the command line or lvmpolld.conf says, or beside its
/// socket. Empty: nowhere.
std::string state_directory_of(const Paths& paths);

/// Nothing if the directory is not there or can't be read. `runs`: a daemon does.
std::optional<StateFacts> state_facts(const std::string& path, bool runs);

} // namespace lvmpolld::ctl
