// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "polling/store.h"

#include <string>

namespace lvmpolld {

/// The reply to `request="dump"` without its terminator: the operations of both stores in the classical daemon's layout.
std::string dump(Store& polls, Store& aborts);

} // namespace lvmpolld
