// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "engine/monitor.h"
#include "operation/claims.h"
#include "operation/store.h"
#include "state/crash_history.h"

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace lvmpolld {

class StateDirectory;

/// What an earlier daemon has left: its operations are in the stores.
struct Inheritance {
    /// Those that go on, each with its lvpoll if that still runs.
    std::vector<Monitor::Unfinished> unfinished;
    /// The claims of each connection. They become free when they are dropped.
    std::map<SessionNumber, std::unique_ptr<Claims>> claims;
    SuspectList suspects;
};

/// The record of the operation, as it is called in the state directory's marks.
TakenUp taken_up_file(const Operation& operation);

/// Finds the lvpolls that still run and whose mark begins with `prefix`.
using FindSurvivors = std::function<std::vector<Survivor>(std::string_view prefix)>;
std::vector<Survivor> find_surviving_lvpolls(std::string_view prefix);

/// Takes up the records of `state` into the stores: the first that is done with it. Throws rather
/// than overlook a record or an lvpoll. After a crash one warning says what there was.
Inheritance take_up_operations(StateDirectory& state, Store& polls, Store& aborts, Log& log,
                               const FindSurvivors& find = find_surviving_lvpolls);

} // namespace lvmpolld
