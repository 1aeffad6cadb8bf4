// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/poll_request.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld::wire {

/// Introduces a client; customary, not required.
struct Hello {};

/// Asks for the state of all operations.
struct Dump {};

/// Asks how an operation is getting on.
struct ProgressInfo {
    Identity identity;
    bool abort = false; ///< of the operation in the abort store
};

/// Starts or joins the polling of an LV.
struct Start {
    PollRequest request;
    std::optional<std::string> cmdline; ///< the client's command line, for the log: unchecked
};

/// Not to be served; `reply` is the complete answer.
struct Rejected {
    std::string reply;
};

using Request = std::variant<Hello, Dump, ProgressInfo, Start, Rejected>;

/// Understands a message and checks what can be checked without knowing the operations: first as
/// lvm2's daemon does and in its order, then for parameters that LVM would refuse or that would be
/// dangerous to hand on.
Request parse_request(std::string_view text);

} // namespace lvmpolld::wire
