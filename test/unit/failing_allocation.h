// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

namespace lvmpolld {

/// Runs `action` while one allocation of this thread, counted from 0, fails. False if there were
/// fewer than that. Lets the action's exceptions through.
bool without_memory(long allocation, const std::function<void()>& action);

} // namespace lvmpolld
