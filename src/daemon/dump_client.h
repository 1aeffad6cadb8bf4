// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace lvmpolld {

/// Asks the daemon at `path` for its dump and prints it to standard output, each line behind two
/// spaces. Throws std::system_error or std::runtime_error if there is no daemon or no complete
/// answer within 30 s.
void print_dump(const std::string& path);

} // namespace lvmpolld
