// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/claim_ledger.h"

#include <functional>
#include <string>

namespace lvmpolld::simulation {

/// A connection as the system has it: it outlives the daemon if the service manager keeps it.
struct Connection {
    unsigned number = 0;
    std::string to_daemon;
    std::string to_client;
    bool client_closed = false;
    bool daemon_closed = false;
    bool is_kept = false;      ///< by the service manager
    bool is_answering = false; ///< the mark in AnswerMarks
    SessionNumber session = 0;
    std::function<void()> client; ///< there is something for it, or the end; null: nobody listens
};

} // namespace lvmpolld::simulation
