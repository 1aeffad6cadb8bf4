// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the daemon asks of the world, beside the kernel and the file system.
#include "base/error.h"
#include "dm/name.h"
#include "lvpoll/lvpoll_mark.h"
#include "memory.h"
#include "operation/operation.h"
#include "world.h"

#include <algorithm>
#include <new>
#include <system_error>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

/// A step that has run for longer may have given its turn to others.
constexpr Duration surely_a_turn = 2900ms;

constexpr std::size_t most_steps = 8;

} // namespace

std::optional<LockHolder> World::lock_holder_for(pid_t waiter) const {
    const auto holder = lvm_.lock_holder_for(waiter);
    return holder ? std::optional(LockHolder{*holder, "simulated"}) : std::nullopt;
}

std::vector<Survivor> World::survivors(std::string_view prefix) const {
    std::vector<Survivor> result;
    for (const auto& [pid, process] : lvm_.running())
        if (!process->mark.empty() && process->mark.starts_with(prefix))
            result.push_back({process->mark, pid, FileDescriptor()});
    return result;
}

Duration World::record_delay() {
    return now() < slow_until_ ? chance_.duration(100ms, 60s) : chance_.duration(20us, 5ms);
}

Duration World::comparison_time() {
    return chance_.happens(0.2) ? chance_.duration(10s, 2h) : chance_.duration(5ms, 10s);
}

Duration World::cancel_time() { // one ends within a second, if its reads do
    return now() < reads_hang_until_ ? chance_.duration(1s, 10min) : chance_.duration(1ms, 900ms);
}

Duration World::read_delay() {
    if (now() >= late_readers_until_ || !chance_.happens(0.5))
        return {};
    return chance_.duration(1ms, 1min);
}

void World::looked(std::string_view lvid) {
    invariants_.looked();
    if (now() >= fails_beside_until_)
        return;
    for (const auto& [pid, process] : lvm_.running())
        if (!process->mark.empty() && !process->terminated &&
            process->request.identity.lvid() == lvid)
            throw_errno("simulated device-mapper", ENOMEM);
}

verify::Outcome World::compare(const dm::Copy& copy) {
    const auto lvid = dm::lvid_of_uuid(copy.uuid).value_or("");
    auto* const volume = volumes_.of_lvid(lvid);
    if (volume != nullptr && volume->copies_mirror())
        if (const auto change = changes_at_verdict_.extract(volume->number))
            change_mirror(*volume, change.mapped());
    if (memory::lacks())
        throw std::bad_alloc();
    if (lacks_threads())
        throw std::system_error(ENOMEM, std::generic_category(), "simulated");
    const auto& legs = dm::legs(copy);
    const verify::Extent source{"source", copy.segment_start};
    const verify::Extent leg{"copy", copy.segment_start};
    const bool there = volume != nullptr && volume->has_legs();
    const auto* const segment = there ? &volume->job->segments[volume->job->current] : nullptr;
    if (segment == nullptr || segment->start != copy.segment_start || segment->legs != legs ||
        !volume->job->complete) { // the space is used for something else, or half copied
        if (chance_.happens(0.5))
            return verify::Equal{copy.segment_length};
        return verify::Different{source, leg, 1};
    }
    if (segment->unreadable)
        return verify::Unreadable{leg, EIO};
    if (now() < segment->undecided_until)
        return verify::Undecided{source, leg, 1};
    if (segment->differs)
        return verify::Different{source, leg, 1};
    return verify::Equal{copy.segment_length};
}

std::optional<SpawnFailure> World::prepare(Process& process, Daemon& daemon) {
    const bool redirects = now() < machine_.short_until || spawn_redirects_;
    if (now() < machine_.short_until || now() < spawn_fails_until_) {
        invariants_.not_started(process.key, redirects ? 100 : 101);
        return SpawnFailure{
            redirects ? SpawnFailure::Stage::redirect : SpawnFailure::Stage::execute, EAGAIN};
    }
    if (memory::lacks()) {
        invariants_.not_started(process.key, 100);
        return SpawnFailure{SpawnFailure::Stage::redirect, ENOMEM};
    }
    const auto operation =
        daemon.store(process.request.abort).find(process.request.identity.text());
    process.resident = operation == nullptr || operation->snapshot().phase == Phase::resident;
    process.told_bad = process.resident &&
                       daemon.trust().suspects.contains_any_of(process.request.identity.lvid());
    if (scenario_.watch && !process.resident && !process.request.abort) {
        std::size_t steps = 0;
        for (const auto& [pid, other] : lvm_.running()) {
            const bool step = !other->mark.empty() && !other->resident && !other->request.abort &&
                              other->daemon == process.daemon &&
                              now() - other->started < surely_a_turn;
            steps += step ? 1 : 0;
            if (step && other->vg == process.vg)
                trace_.violate("step-out-of-turn", describe(*other) + " runs when another of " +
                                                       process.vg + " is started");
        }
        if (steps >= most_steps)
            trace_.violate("step-out-of-turn", "there are more steps at a time than eight");
    }
    if (operation && !process.wait_first && operation->remaining_delay() > 1ms &&
        !invariants_.was_aborted(process.request))
        trace_.violate("promise-broken", "lvpoll of " + process.vg + "/" + process.lv +
                                             " is started before its client's delay is over");
    const auto* const named = volumes_.of_name(process.vg, process.lv);
    const bool can_tell = now() >= faults_.fails_until && now() >= faults_.missing_until;
    if (can_tell && named != nullptr && named->active &&
        named->lvid != process.request.identity.lvid())
        trace_.violate("wrong-volume", describe(process) + " is started for another LV");
    if (scenario_.watch && lockd_runs() && !process.resident)
        trace_.violate("interruptible-under-lockd",
                       describe(process) + " is started for a step while lvmlockd runs");
    invariants_.launched(process);
    observe_soon();
    doom(process);
    return std::nullopt;
}

void World::heard(LogLevel level, const std::string& message, Daemon& daemon) {
    if (message.find(": NOT committed") == message.npos &&
        message.find(": lvm says that it is finished") == message.npos &&
        message.find(": failed: ") == message.npos && message.find(": refused: ") == message.npos &&
        message.find("what has become of this one") == message.npos)
        return;
    auto operations = daemon.store(false).operations();
    const auto aborts = daemon.store(true).operations();
    operations.insert(operations.end(), aborts.begin(), aborts.end());
    invariants_.heard(level, message, operations);
}

} // namespace lvmpolld::simulation
