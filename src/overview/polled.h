// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/sector.h"
#include "operation/operation.h"
#include "operation/poll_request.h"
#include "overview/entry.h"
#include "overview/moment.h"

#include <optional>

namespace lvmpolld::overview {

/// What is known of an operation of the daemon, without the kernel.
struct Polled {
    const PollRequest& request;
    RecordNumber number;
    Operation::Snapshot state;
    Operation::History history;
    std::optional<Progress> compared{}; ///< bytes of each leg, while they are compared

    /// Takes it from the operation.
    static Polled of(Operation& operation) {
        return {operation.request(), operation.record_number(), operation.snapshot(),
                operation.history()};
    }
};

/// What it says of itself, without what the kernel or earlier moments have shown. Pure.
Entry entry_of(const Polled& polled, const Moment& now);

} // namespace lvmpolld::overview
