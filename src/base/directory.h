// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <dirent.h>

#include <memory>

namespace lvmpolld {

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

/// An open directory for readdir(3), or null.
using Directory = std::unique_ptr<DIR, CloseDirectory>;

} // namespace lvmpolld
