// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace lvmpolld {

/// Throws std::system_error for `code` (an errno value) with `what`, which names the thing that
/// failed.
[[noreturn]] inline void throw_errno(const std::string& what, int code = errno) {
    throw std::system_error(code, std::generic_category(), what);
}

} // namespace lvmpolld
