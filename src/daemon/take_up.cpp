// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/take_up.h"

#include "base/boot_time.h"
#include "base/joined.h"
#include "base/refusal.h"
#include "lvpoll/child_launcher.h"
#include "operation/operation.h"
#include "process/survivor.h"
#include "state/state_directory.h"

#include <algorithm>
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

/// The records into the stores, and of those that go on into `left`.
void restore(Inheritance& left, StateDirectory& state, Store& polls, Store& aborts) {
    std::vector<std::shared_ptr<Operation>> operations;
    for (auto& record : state.load()) {
        const bool abort = record.request.abort;
        state.take_up(taken_up_record(abort, record.number));
        operations.push_back((abort ? aborts : polls).restore(std::move(record)));
    }
    for (auto& operation : operations) {
        state.take_up(taken_up_file(*operation));
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
    state.take_up(nothing_taken_up);
}

/// Returns how many lvpolls still run.
std::size_t find_lvpolls(Inheritance& left, const std::string& directory,
                         const FindSurvivors& find) {
    if (left.unfinished.empty())
        return 0;
    auto survivors = survivors_by_record(find, directory);
    const auto found = survivors.size();
    for (auto& [operation, survivor] : left.unfinished)
        if (auto own = survivors.extract(
                record_name(operation->request().abort, operation->record_number())))
            survivor = std::move(own.mapped());
    return found;
}

/// "2 operations (vg/lv1, vg/lv2), 1 of whose lvpolls still runs"
std::string inventory(const Inheritance& left, std::size_t lvpolls) {
    constexpr std::size_t most_names = 8;
    const auto count = left.unfinished.size();
    std::string names;
    for (std::size_t each = 0; each < std::min(count, most_names); ++each) {
        const auto& request = left.unfinished[each].operation->request();
        names += (names.empty() ? "" : ", ") + request.vgname + "/" + request.lvname;
    }
    if (count > most_names)
        names += " and " + std::to_string(count - most_names) + " more";
    return std::to_string(count) + (count == 1 ? " operation (" : " operations (") + names + "), " +
           std::to_string(lvpolls) + " of whose lvpolls still " + (lvpolls == 1 ? "runs" : "run");
}

void report(Log& log, std::uint64_t crashes, const Inheritance& left, std::size_t lvpolls,
            const std::vector<std::string>& aside) {
    const auto taken = left.unfinished.empty() ? "no operations" : inventory(left, lvpolls);
    if (crashes > 0)
        log.write(LogLevel::warning,
                  "the last daemon was killed or has crashed" +
                      (crashes > 1 ? " (" + std::to_string(crashes) + " in a row)" : "") +
                      ". This one takes up " + taken + ", and sets aside " +
                      (aside.empty() ? "nothing" : joined(aside, ", ")));
    else if (!left.unfinished.empty())
        log.write(LogLevel::info, "taking up " + taken + ", of an earlier daemon");
}

} // namespace

std::vector<Survivor> find_surviving_lvpolls(std::string_view prefix) {
    return find_survivors("lvpoll", operation_mark, prefix);
}

TakenUp taken_up_file(const Operation& operation) {
    return taken_up_record(operation.request().abort, operation.record_number());
}

Inheritance take_up_operations(StateDirectory& state, Store& polls, Store& aborts, Log& log,
                               const FindSurvivors& find) {
    Inheritance left;
    const auto crashes = state.begin_life();
    try {
        left.suspects = state.load_suspects();
        if (state.is_open()) {
            polls.number_beyond(beyond_lost_records());
            aborts.number_beyond(beyond_lost_records());
        }
        restore(left, state, polls, aborts);
        const auto lvpolls = find_lvpolls(left, state.path(), find);
        report(log, crashes, left, lvpolls, state.set_aside_files());
    } catch (const std::exception& error) {
        if (is_refusal(error))
            state.take_up(nothing_taken_up); // no file is to blame
        throw;
    }
    return left;
}

} // namespace lvmpolld
