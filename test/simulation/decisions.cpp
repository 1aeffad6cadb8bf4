// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the decisions of a scenario come true that begin copies, bring clients, or concern disks.
#include "operation/operation.h"
#include "world.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <utility>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t region = 1024;

} // namespace

void World::perform(const Decision& decision, std::size_t number) {
    if (decision.what == What::copy)
        return make_copy(decision, number);
    if (trace_.is_wanted())
        trace_.say("decision " + text_of(decision, number));
    const Chance chance(decision.key);
    if (perform_on_system(decision, chance))
        return;
    auto* const volume = volumes_.of_number(decision.volume);
    if (volume == nullptr)
        return;
    if (!perform_on_disks(decision, *volume, chance) &&
        !perform_on_volume(decision, *volume, chance))
        perform_on_lvm(decision, *volume, chance);
}

std::shared_ptr<Job> World::make_job(OperationType type, Chance& chance) {
    const auto job = std::make_shared<Job>();
    job->type = type;
    job->layered = type == OperationType::convert;
    const auto minor = chance.between(0, 7);
    job->cow = makedev(254, minor);
    const auto segments = type == OperationType::pvmove ? chance.one_of({1U, 1U, 2U, 3U, 6U}) : 1U;
    std::uint64_t start = 0;
    for (unsigned i = 0; i < segments; ++i) {
        const auto length = region * chance.between(16, 4096);
        job->segments.push_back(
            {.start = start,
             .length = length,
             .legs = {{makedev(8, minor), 2048 + start}, {makedev(8, minor + 8), 2048 + start}}});
        start += length;
    }
    const auto duration = chance.duration(20s, std::max<Duration>(scenario_.horizon / 4, 1min));
    job->rate = static_cast<double>(start) / std::chrono::duration<double>(duration).count();
    return job;
}

/// All in one segment, and its legs are LVs: no disk counts their errors.
void World::make_atomic(Job& job) {
    if (job.type != OperationType::pvmove)
        return;
    auto& segment = job.segments.front();
    segment.length = job.segments.back().start + job.segments.back().length;
    for (auto& leg : segment.legs)
        leg.device = makedev(254, 16 + minor(leg.device));
    job.segments.resize(1);
}

void World::make_copy(const Decision& decision, std::size_t) {
    Chance chance(decision.key);
    const auto type =
        chance.one_of({OperationType::pvmove, OperationType::pvmove, OperationType::pvmove,
                       OperationType::convert, OperationType::merge, OperationType::merge,
                       OperationType::merge_thin});
    const auto number = decision.volume;
    auto& volume =
        volumes_.add(number, "vg" + std::to_string(chance.below(scenario_.volume_groups)),
                     (type == OperationType::pvmove ? "pvmove" : "lv") + std::to_string(number));
    if (scenario_.counters)
        for (unsigned minor = 0; minor < 16; ++minor)
            machine_.counters.try_emplace(makedev(8, minor), 0);
    volumes_.begin(volume, make_job(type, chance));
    if (std::ranges::any_of(scenario_.decisions, [number](const Decision& other) {
            return other.what == What::atomic && other.volume == number;
        }))
        make_atomic(*volume.job);
    if (type == OperationType::merge)
        for (auto more = chance.one_of({0U, 0U, 1U, 2U}); more > 0; --more)
            volume.queued.push_back(make_job(type, chance));
    if (chance.happens(0.9))
        events_.after(chance.duration(1ms, 2s),
                      [this, number, chance] { ask(*volumes_.of_number(number), chance, false); });
}

void World::ask(const Volume& volume, Chance chance, bool abort, Habit habit) {
    if (!volume.job || peace_)
        return;
    PollRequest request;
    request.type = volume.job->type;
    request.abort = abort;
    const bool other = chance.happens(0.15);
    request.identity = Identity(volume.lvid, other ? "/etc/other" : "");
    request.vgname = volume.vg;
    request.lvname = volume.lv;
    const auto text = chance.one_of({"15", "15", "15", "60", "300", "1", "0"});
    // Frequent looks for weeks would take the time of many other worlds.
    const bool patient = scenario_.horizon > 6h && std::string_view(text).size() < 2;
    request.interval =
        *Interval::parse((chance.happens(0.2) ? "+" : "") + std::string(patient ? "30"
                                                                        : abort ? "0"
                                                                                : text));
    Manner manner;
    manner.foreground = chance.happens(0.6);
    manner.asks_only = !abort && chance.happens(0.05);
    manner.reads_twice = chance.happens(0.1);
    manner.never_reads = chance.happens(0.05);
    manner.comes_back = chance.happens(0.8);
    manner.in_pieces = chance.happens(0.15);
    manner.vanishes = chance.happens(0.1);
    manner.vanishes_after = chance.duration(1ms, scenario_.horizon);
    manner.insistent = habit == Habit::insistent;
    manner.also_aborts = habit == Habit::two_minded;
    if (manner.insistent)
        request.devicesfile = "system.devices";
    if (habit == Habit::garbled) {
        request.handle_missing_pvs = true;
        request.interval.text = chance.one_of({"5x", "1 5", "+", "1e3", "", "99999999999999"});
        manner.foreground = false;
    }
    clients_.push_back(
        std::make_unique<Client>(*this, std::move(request), manner, chance.with(clients_.size())));
    clients_.back()->begin();
}

void World::bad_region(Volume& volume, Chance& chance, bool told) {
    if (!volume.copies_mirror() || volume.job->complete || volume.job->dead)
        return;
    if (told) {
        invariants_.evidence();
        bool logged = false;
        for (auto times = chance.one_of({1U, 1U, 3U, 30U}); times > 0; --times)
            logged = machine_.log.recovery_error() || logged;
        const bool flood = chance.happens(0.2); // the log alone tells, and only that it has lost
        for (const auto& leg : volume.job->segment().legs)
            if (const auto counter = machine_.counters.find(leg.device);
                counter != machine_.counters.end() && !flood && chance.happens(0.7))
                ++counter->second;
        volumes_.corrupt(volume, told, !flood && chance.happens(0.6));
        if (flood)
            overflow_log();
        else if (!logged)
            lose_evidence(volume);
        return;
    }
    volumes_.corrupt(volume, told, false);
}

bool World::perform_on_disks(const Decision& decision, Volume& volume, Chance chance) {
    switch (decision.what) {
    case What::recovery_error:
        bad_region(volume, chance, true);
        return true;
    case What::silent_error:
        if (scenario_.verify == Verify::always)
            bad_region(volume, chance, false);
        return true;
    case What::rewrite:
        if (volume.copies_mirror())
            volume.job->segment().differs = false;
        return true;
    case What::stall:
        if (volume.is_unfinished() && !volume.job->complete)
            volumes_.stall(volume, decision.lasts);
        return true;
    case What::slow_down:
        if (volume.is_unfinished() && !volume.job->complete)
            volumes_.set_rate(volume, volume.job->rate / 4);
        return true;
    case What::speed_up:
        if (volume.is_unfinished() && !volume.job->complete)
            volumes_.set_rate(volume, volume.job->rate * 16);
        return true;
    case What::suspend: // nothing moves, and who has suspended it holds the VG's lock
        if (volume.is_unfinished() && !volume.job->complete) {
            volumes_.stall(volume, decision.lasts);
            lvm_.hold_lock(volume.vg, decision.lasts);
        }
        return true;
    case What::merge_fails:
        if (volume.is_unfinished() && volume.job->type == OperationType::merge)
            volumes_.fail(volume);
        return true;
    case What::leg_dies:
        if (volume.copies_mirror()) {
            invariants_.evidence();
            volumes_.leg_dies(volume);
        }
        return true;
    case What::leg_unreadable:
        if (volume.copies_mirror()) {
            auto* const segment = &volume.job->segment();
            segment->unreadable = true;
            events_.after(decision.lasts,
                          [segment, job = volume.job] { segment->unreadable = false; });
        }
        return true;
    case What::hot_block:
        if (volume.copies_mirror())
            volume.job->segment().undecided_until = now() + decision.lasts;
        return true;
    case What::mirror_changes:
        changes_at_verdict_.emplace(volume.number, chance);
        return true;
    default:
        return false;
    }
}

} // namespace lvmpolld::simulation
