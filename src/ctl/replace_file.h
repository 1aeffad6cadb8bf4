// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace lvmpolld::ctl {

/// Whoever opens the file `path` sees all of its former text or all of `text`, also after a crash;
/// anyone may read it. A temporary file beside it, called `path` with a suffix, takes its place.
/// Throws Refused, and then the file is as it was.
void replace_file(const std::string& path, std::string_view text);

} // namespace lvmpolld::ctl
