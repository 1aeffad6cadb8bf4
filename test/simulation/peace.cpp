// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The end of a world: the faults stop, and everything has to come to rest.
#include "memory.h"
#include "operation/operation.h"
#include "world.h"

#include <algorithm>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

/// How long each remaining segment takes now.
constexpr Duration segment_time = 30s;

/// For the copies, their commits in turn, the comparisons, what is tried again, and the clients'
/// longest interval.
constexpr Duration longest_rest = 24h;

constexpr Duration rest_check = 1min;

} // namespace

std::size_t World::unfinished_clients() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(clients_, [](const auto& client) { return !client->is_over(); }));
}

void World::finish_copies() {
    for (const auto& [number, volume] : volumes_.all()) {
        if (!volume->exists)
            continue;
        if (!volume->active)
            volumes_.activate(*volume);
        for (const auto& job : volume->queued)
            job->rate = static_cast<double>(job->segments.back().length) /
                        std::chrono::duration<double>(segment_time).count();
        if (!volume->is_unfinished())
            continue;
        auto& job = *volume->job;
        job.stalled_until = now();
        if (job.failed) { // a merge begins anew with its activation
            volumes_.deactivate(*volume);
            volumes_.activate(*volume);
        }
        if (job.dead)
            volumes_.replace_leg(*volume, job.segment().legs.front().device + 64);
        const auto rate = static_cast<double>(job.segment().length) /
                          std::chrono::duration<double>(segment_time).count();
        if (job.complete)
            job.rate = rate;
        else
            volumes_.set_rate(*volume, rate);
    }
}

void World::make_peace() {
    trace_.say("all faults stop");
    peace_ = true;
    faults_ = {};
    lockd_until_ = spawn_fails_until_ = no_threads_until_ = {};
    slow_until_ = std::min(slow_until_, now()); // what is being written takes its time
    starts_to_kill_ = starts_to_fail_ = 0;
    fails_beside_until_ = late_readers_until_ = reads_hang_until_ = observed_until_ = {};
    machine_.fails_until = machine_.held_until = {};
    done_at_arming_.clear();
    memory::end_of_scarcity();
    machine_.full_until = machine_.short_until = machine_.log.unreadable_until = {};
    doomed_.clear();
    changes_at_verdict_.clear();
    for (const auto& [number, volume] : volumes_.all())
        lvm_.hide(volume->vg, {});
    if (daemon_)
        daemon_->spare();
    start_daemon();
    finish_copies();
    for (const auto& client : clients_)
        if (client->may_be_ended())
            client->leave();
}

void World::expect_rest() {
    const auto end = now() + longest_rest;
    const auto rests = [this] {
        return daemon_ && !daemon_->is_stopping() && daemon_->in_progress() == 0 &&
               unfinished_clients() == 0 && daemon_->sessions() == 0;
    };
    while (!trace_.violation() && now() < end && !rests())
        run_until(now() + rest_check);
    if (rests() || trace_.violation())
        return;
    if (!daemon_)
        return trace_.violate("never-idle", "there is no daemon");
    for (const bool abort : {false, true})
        for (const auto& operation : daemon_->store(abort).operations()) {
            const auto state = operation->snapshot();
            if (!state.result)
                trace_.violate("never-ends", describe(operation->request()) + ": " +
                                                 std::string(lvmpolld::name(state.phase)) + " " +
                                                 state.waits_for);
        }
    for (const auto& client : clients_)
        if (!client->is_over())
            trace_.violate("never-ends", "a client of " + client->request().lvname + " waits");
    trace_.violate("never-idle", "a session remains");
}

void World::expect_nothing_left() {
    run_until(now() + std::max<Duration>(scenario_.retention.age, 1min) + 1s);
    if (trace_.violation() || !daemon_)
        return;
    const auto left =
        daemon_->store(false).operations().size() + daemon_->store(true).operations().size();
    if (scenario_.adopt)
        return;              // goes on with what nobody asks for
    run_until(now() + 1min); // the records of what was dropped
    if (left > 0)
        trace_.violate("unbounded", std::to_string(left) + " operations remain after their age");
    std::size_t records = 0;
    for (const auto& [name, file] : machine_.files)
        records += is_record(name) ? 1U : 0U;
    // What could not be removed, for want of memory or by an error, stays.
    if (records > left + memory::failures() && !machine_.has_failed_calls)
        trace_.violate("unbounded", std::to_string(records) + " records remain");
    if (!daemon_)
        return;
    daemon_->stop();
    run_until(now() + 30s);
    daemon_.reset();
    if (const auto open = machine_.open_descriptors(); open > 0)
        trace_.violate("unbounded", std::to_string(open) + " descriptors remain open");
}

} // namespace lvmpolld::simulation
