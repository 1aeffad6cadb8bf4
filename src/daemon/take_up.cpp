// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/take_up.h"

#include "base/boot_time.h"
#include "lvpoll/child_launcher.h"
#include "operation/operation.h"
#include "process/survivor.h"
#include "state/state_directory.h"

#include <chrono>
#include <string>
#include <utility>

namespace lvmpolld {

namespace {

std::map<std::string, Survivor> survivors_by_record(const FindSurvivors& find,
                                                    const std::string& directory) {
    std::map<std::string, Survivor> survivors;
    for (auto& survivor : find(directory + "/")) {
        auto name = survivor.mark.substr(directory.size() + 1);
        survivors.emplace(std::move(name), std::move(survivor));
    }
    return survivors;
}

/// Beyond every number that an earlier daemon of this boot has given: it began below the time of
/// its own start, and no daemon accepts an operation each microsecond.
RecordNumber beyond_lost_records() {
    return static_cast<RecordNumber>(
        std::chrono::duration_cast<std::chrono::microseconds>(boot_time()).count());
}

} // namespace

std::vector<Survivor> find_surviving_lvpolls(std::string_view prefix) {
    return find_survivors("lvpoll", operation_mark, prefix);
}

Inheritance take_up_operations(StateDirectory& state, Store& polls, Store& aborts, Log& log,
                               const FindSurvivors& find) {
    Inheritance left;
    if (state.is_open()) {
        polls.number_beyond(beyond_lost_records());
        aborts.number_beyond(beyond_lost_records());
    }
    std::vector<std::shared_ptr<Operation>> operations;
    for (auto& record : state.load())
        operations.push_back((record.request.abort ? aborts : polls).restore(std::move(record)));
    for (auto& operation : operations) {
        for (const auto& held : operation->held_claims()) {
            auto& claims = left.claims[held.session];
            if (!claims)
                claims = std::make_unique<Claims>(held.session, true);
            claims->restore(operation, held.count);
        }
        const bool current = operation->store().find(operation->identity()) == operation;
        if (current && !operation->snapshot().result)
            left.unfinished.push_back({.operation = std::move(operation)});
    }
    if (left.unfinished.empty())
        return left;
    auto survivors = survivors_by_record(find, state.path());
    log.write(LogLevel::info, "taking up " + std::to_string(left.unfinished.size()) +
                                  " operations of an earlier daemon, " +
                                  std::to_string(survivors.size()) + " of whose lvpolls still run");
    for (auto& [operation, survivor] : left.unfinished)
        if (auto found = survivors.extract(
                record_name(operation->request().abort, operation->record_number())))
            survivor = std::move(found.mapped());
    return left;
}

} // namespace lvmpolld
