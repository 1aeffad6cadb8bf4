// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/selection.h"
#include "overview/entry.h"

#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// Which move is to be aborted.
struct AbortDecision {
    overview::Entry move{};
    std::string physical_volume{}; ///< that it moves off: one move at a time does so
    std::string refusal{};         ///< not empty: nothing is aborted, since...
    bool nothing_such = false;     ///< with a refusal: nothing matches at all
};

/// What is selected of `entries` has to be exactly one move whose source is known. Pure.
AbortDecision decide_abort(const std::vector<overview::Entry>& entries, const Selection& selection,
                           const std::string& what);

} // namespace lvmpolld::ctl
