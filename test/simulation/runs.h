// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "options.h"
#include "scenario.h"
#include "trace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::simulation {

/// How one world went.
struct Outcome {
    std::optional<Violation> violation;
    std::vector<std::string> lines;
    Duration time{};
    std::uint64_t events = 0;
    std::size_t requests = 0;
};

Outcome run_world(const Scenario& scenario, bool trace);

/// A scenario that still fails in the same way, with as few decisions as can be found.
Scenario shrink(const Scenario& scenario, const std::string& violated);

/// Does what the options say. Returns 0 if nothing was violated.
int run(const Options& options);

} // namespace lvmpolld::simulation
