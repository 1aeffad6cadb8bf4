// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <string>
#include <string_view>

namespace lvmpolld {

/// One spelling for each directory: its folder's real path. The last part may not exist yet.
std::string canonical_path(std::string_view path);

/// Opens a directory that belongs to this user alone, and locks it against other daemons. Throws
/// std::system_error that names the directory and says what is wrong with it.
///
/// A child inherits the lock and lets go of it at its exec. So a daemon that gets the lock knows
/// that it finds every child of the one before in /proc under its own command line. It waits two
/// seconds for that; a child takes a fraction of this from its birth to its exec.
FileDescriptor open_private_directory(const std::string& path);

} // namespace lvmpolld
