// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/crash_history.h"

#include "state/state_directory.h"

#include <limits>

namespace lvmpolld {

TakenUp taken_up_record(bool abort, RecordNumber number) noexcept {
    if (number > std::numeric_limits<TakenUp>::max() / 2)
        return nothing_taken_up; // a number that no daemon gives
    return number << 1 | (abort ? 1U : 0U);
}

std::string file_of(TakenUp file) {
    return file == suspects_taken_up ? StateDirectory::suspects_name
                                     : record_name((file & 1U) != 0, file >> 1);
}

namespace {

std::string reason_of(std::uint64_t deaths, std::uint64_t faults) {
    return std::to_string(deaths) + " daemons in a row have died over it, " +
           std::to_string(faults) + " of them by their own fault";
}

} // namespace

NextLife next_life(const CrashHistory& before, std::int64_t now) {
    NextLife life;
    life.history.runs = true;
    life.history.last_crash = before.last_crash;
    life.after_crash = before.runs;
    if (!life.after_crash)
        return life;
    life.history.crashes = before.crashes + 1;
    life.history.last_crash = now;
    if (before.at_hand == nothing_taken_up)
        return life;
    const bool again = before.at_hand == before.accused;
    const auto deaths = (again ? before.deaths : 0) + 1;
    const auto faults = (again ? before.faults : 0) + (before.own_fault ? 1 : 0);
    if (faults >= most_faults || deaths >= most_deaths) {
        life.to_set_aside = before.at_hand;
        life.reason = reason_of(deaths, faults);
        return life;
    }
    life.history.accused = before.at_hand;
    life.history.deaths = deaths;
    life.history.faults = faults;
    return life;
}

} // namespace lvmpolld
