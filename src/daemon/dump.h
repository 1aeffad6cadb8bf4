// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/store.h"

#include <string>
#include <string_view>

namespace lvmpolld {

/// The reply to `request="dump"` without its terminator: the operations of both stores in the
/// classical daemon's layout, with comments that it doesn't have. `engine` is what --engine names,
/// `trouble` what an administrator should know.
std::string dump(Store& polls, Store& aborts, std::string_view engine,
                 std::string_view trouble = {});

} // namespace lvmpolld
