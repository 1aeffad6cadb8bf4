// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What has to follow from an event within a time, where no fault stands in its way.
#include "operation/operation.h"
#include "world.h"

#include <algorithm>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

/// From the event of a segment that is in sync to its lvpoll.
constexpr Duration step_patience = 5s;

/// limits::lock_patience, and the start of the lvpoll.
constexpr Duration lock_patience = 60s;

} // namespace

std::vector<std::shared_ptr<Operation>> World::unfinished_of(const Volume& volume) {
    std::vector<std::shared_ptr<Operation>> result;
    for (const auto* const sysdir : {"", "/etc/other"}) {
        const auto operation = daemon_->store(false).find(Identity(volume.lvid, sysdir).text());
        if (operation && !operation->snapshot().result)
            result.push_back(operation);
    }
    return result;
}

void World::began(Operation& operation) {
    const auto beginning = now().time_since_epoch() - operation.history().accepted_at;
    longest_beginning_ = std::max<Duration>(longest_beginning_, beginning);
}

void World::expect_step(Volume& volume) {
    const bool told = dm::kind_of(volume.job->type).event_at_end && now() >= faults_.lost_until &&
                      now() >= faults_.late_until && now() >= faults_.fails_until;
    if (!daemon_ || !scenario_.watch || !told)
        return;
    Duration promised{0}; // nobody looks before, counted from the begin
    for (const auto& operation : unfinished_of(volume))
        promised = std::max<Duration>(promised, operation->remaining_delay());
    events_.after(promised + longest_beginning_ + step_patience, [this, &volume, job = volume.job,
                                                                  segment = volume.job->current,
                                                                  changes = volume.job->changes,
                                                                  life = daemons_] {
        const bool same = volume.is_unfinished() && volume.job == job && job->complete &&
                          job->current == segment && job->changes == changes;
        if (!daemon_ || life != daemons_ || daemon_->is_stopping() || !same)
            return;
        // A result that is not written yet looks like none.
        if (now() < slow_until_ + 1min)
            return;
        for (const auto& operation : unfinished_of(volume))
            if (is_late(volume, operation))
                trace_.violate("late-step", volume.name() + " is in sync, and nobody sees to it");
    });
}

bool World::is_late(const Volume& volume, const std::shared_ptr<Operation>& operation) {
    const auto state = operation->snapshot();
    const auto& request = operation->request();
    const bool asked = request.type == volume.job->type;
    const auto& interval = request.interval;
    const Duration delay = interval.wait_first ? Duration(interval.seconds) : 0s;
    const auto first_look = Time(operation->history().accepted_at) + longest_beginning_ + delay;
    if (state.phase != Phase::watching || !asked || now() < first_look + step_patience)
        return false;
    if (state.waits_for.empty())
        return true;
    const bool turn = state.waits_for.starts_with("waiting for its turn in");
    return turn && std::ranges::none_of(
                       lvm_.running(), [](const auto& each) { return !each.second->mark.empty(); });
}

void World::expect_stuck(Volume& volume) {
    events_.after(10min, [this, &volume, job = volume.job, changes = volume.job->changes,
                          life = daemons_] {
        const bool same = volume.is_unfinished() && volume.job == job && job->changes == changes;
        if (!daemon_ || life != daemons_ || !same)
            return;
        for (const auto& operation : unfinished_of(volume)) {
            const auto state = operation->snapshot();
            if (state.phase == Phase::watching && operation->remaining_delay() == 0s &&
                state.waits_for.empty())
                trace_.violate("silent-wait", volume.name() + " is stuck, and nobody says so");
        }
    });
}

void World::expect_holder(const std::shared_ptr<Process>& process) {
    if (process->mark.empty() || process->resident || process->daemon != daemons_)
        return;
    events_.after(lock_patience, [this, process, turn = process->turn] {
        if (!daemon_ || process->daemon != daemons_ || process->status || process->terminated ||
            process->turn != turn || !process->waits_for_lock)
            return;
        const auto operation =
            daemon_->store(process->request.abort).find(process->request.identity.text());
        if (operation && !operation->snapshot().result && operation->snapshot().waits_for.empty())
            trace_.violate("silent-wait",
                           describe(*process) + " waits for a lock, and nobody says so");
    });
}

} // namespace lvmpolld::simulation
