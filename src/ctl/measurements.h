// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/exposition.h"
#include "overview/entry.h"
#include "varlink/json.h"

#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// What a host's metrics are made of, at one moment.
struct Measurements {
    bool runs = false;    ///< a poll daemon, ours or lvm2's
    bool answers = false; ///< and tells what it polls
    std::vector<overview::Entry> entries{};
    std::optional<varlink::Json> statistics{}; ///< the reply of io.lvmpolld.Statistics.Get
    overview::WallTime now{};
};

/// The metrics, as docs/monitoring.md lists them. A counter that `statistics` lacks is left out.
/// Pure.
std::string metrics_text(const Measurements& measurements, Exposition::Format format);

} // namespace lvmpolld::ctl
