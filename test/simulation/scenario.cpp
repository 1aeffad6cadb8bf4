// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenario.h"

#include "virtual_time.h"

#include <algorithm>
#include <array>
#include <bitset>

namespace lvmpolld::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, kinds_of_decisions> names{"copy",
                                                                 "client",
                                                                 "abort",
                                                                 "recovery_error",
                                                                 "silent_error",
                                                                 "rewrite",
                                                                 "stall",
                                                                 "slow_down",
                                                                 "leg_dies",
                                                                 "leg_unreadable",
                                                                 "hot_block",
                                                                 "events_lost",
                                                                 "events_late",
                                                                 "events_doubled",
                                                                 "other_events",
                                                                 "look_fails",
                                                                 "strange",
                                                                 "no_device_mapper",
                                                                 "log_overflows",
                                                                 "log_unreadable",
                                                                 "lockd_runs",
                                                                 "outside_poller",
                                                                 "outside_abort",
                                                                 "rename",
                                                                 "deactivate",
                                                                 "remove",
                                                                 "recreate",
                                                                 "replace_leg",
                                                                 "invisible",
                                                                 "old_view",
                                                                 "spawn_fails",
                                                                 "lvpoll_killed",
                                                                 "lvpoll_fails",
                                                                 "lvpoll_hangs",
                                                                 "lock_held",
                                                                 "kill_daemon",
                                                                 "stop_daemon",
                                                                 "full_directory",
                                                                 "slow_directory",
                                                                 "no_memory",
                                                                 "atomic",
                                                                 "mirror_changes",
                                                                 "merge_fails",
                                                                 "speed_up",
                                                                 "suspend",
                                                                 "take_name",
                                                                 "hold_device",
                                                                 "lvpoll_crashes",
                                                                 "lvpoll_lingers",
                                                                 "no_threads",
                                                                 "out_of_memory",
                                                                 "observe",
                                                                 "insistent_client",
                                                                 "mistaken_client",
                                                                 "damage_file",
                                                                 "contend_lock",
                                                                 "spoil_file",
                                                                 "directory_fails",
                                                                 "directory_held",
                                                                 "look_fails_beside",
                                                                 "rush",
                                                                 "done_at_arming",
                                                                 "two_minded_client",
                                                                 "garbled_client",
                                                                 "late_readers",
                                                                 "reads_hang",
                                                                 "observe_closely",
                                                                 "kill_starts",
                                                                 "fail_starts"};

/// Kinds of decisions, from the first of them to that of the next, with a source of chance of their
/// own: they came when there were seeds already.
struct LaterKinds {
    What first;
    std::uint64_t chance;
};

constexpr std::array later_kinds{
    LaterKinds{What::atomic, 0x1a7e}, LaterKinds{What::spoil_file, 0x1a7e57},
    LaterKinds{What::kill_starts, 0x571a7e57}, LaterKinds{What::fail_starts, 0x571a7e58}};

/// Of the things that may go wrong a world has some, so that each has worlds to itself.
std::vector<What> draw_faults(Chance& chance) {
    std::vector<What> faults;
    const double share = chance.one_of({0.0, 0.08, 0.08, 0.2, 0.2, 0.4});
    for (auto kind = static_cast<std::size_t>(What::client);
         kind < static_cast<std::size_t>(later_kinds.front().first); ++kind)
        if (chance.happens(share))
            faults.push_back(static_cast<What>(kind));
    if (chance.happens(0.4)) // what the daemon is most about
        for (const auto what : {What::client, What::abort, What::recovery_error, What::kill_daemon})
            if (chance.happens(0.4))
                faults.push_back(what);
    return faults;
}

std::vector<What> draw_later_faults(Chance& chance, What first, What end) {
    std::vector<What> faults;
    const double share = chance.one_of({0.0, 0.0, 0.1, 0.2, 0.4});
    for (auto kind = static_cast<std::size_t>(first); kind < static_cast<std::size_t>(end); ++kind)
        if (chance.happens(share))
            faults.push_back(static_cast<What>(kind));
    return faults;
}

/// Most things last for seconds or minutes, some for hours.
Duration draw_length(Chance& chance) {
    return chance.happens(0.1) ? chance.duration(10min, 6h) : chance.duration(100ms, 10min);
}

/// Much happens shortly after a copy has begun, or near its end, which is as near as any moment.
Duration draw_moment(Chance& chance, Duration begun, Duration horizon) {
    if (chance.happens(0.25))
        return begun + chance.duration(1ms, 10s);
    return begun + chance.duration(1s, std::max<Duration>(horizon - begun, 2s));
}

void draw_policy(Scenario& scenario, Chance& chance) {
    scenario.verify = chance.one_of({Verify::suspect, Verify::suspect, Verify::suspect,
                                     Verify::always, Verify::always, Verify::never});
    scenario.watch = !chance.happens(0.1);
    scenario.adopt = chance.happens(0.2);
    scenario.kept = chance.happens(0.5);
    scenario.memory = chance.happens(0.5);
    scenario.counters = chance.happens(0.5);
    scenario.volume_groups = chance.between(1, 3);
    if (chance.happens(0.3))
        scenario.idle_exit = std::chrono::seconds(chance.between(1, 300));
    if (chance.happens(0.2))
        scenario.retention = {std::chrono::seconds(chance.between(1, 600)), chance.between(1, 5)};
}

void add(Scenario& scenario, const std::vector<What>& faults, unsigned copies, Chance& chance) {
    const auto amount = chance.one_of({1U, 1U, 2U, 4U});
    for (const auto fault : faults) {
        const auto times = chance.between(1, 2 * amount);
        for (unsigned time = 0; time < times; ++time) {
            const auto volume = static_cast<unsigned>(chance.below(copies));
            const auto begun = scenario.decisions[volume].at;
            scenario.decisions.push_back({fault, draw_moment(chance, begun, scenario.horizon),
                                          draw_length(chance), volume, chance.next()});
        }
    }
}

} // namespace

std::string_view name(What what) {
    return names[static_cast<std::size_t>(what)];
}

Scenario make_scenario(std::uint64_t seed) {
    Chance chance(seed);
    Scenario scenario;
    scenario.seed = seed;
    scenario.horizon = chance.duration(10min, 20 * 24h);
    draw_policy(scenario, chance);
    const auto faults = draw_faults(chance);
    const auto copies = chance.one_of({1U, 1U, 2U, 3U, 5U, 10U});
    auto& decisions = scenario.decisions;
    for (unsigned copy = 0; copy < copies; ++copy) {
        const bool together = chance.happens(0.5);
        const auto at = Duration(static_cast<Duration::rep>(
            chance.fraction() * static_cast<double>((together ? 1min : scenario.horizon).count())));
        decisions.push_back({What::copy, at, {}, copy, chance.next()});
    }
    add(scenario, faults, copies, chance);
    for (std::size_t each = 0; each < later_kinds.size(); ++each) {
        auto own = Chance(seed).with(later_kinds[each].chance);
        const auto end =
            each + 1 < later_kinds.size() ? later_kinds[each + 1].first : What::nothing;
        const auto more = draw_later_faults(own, later_kinds[each].first, end);
        add(scenario, more, copies, own);
        if (each == 0)
            scenario.talks = own.happens(0.05) || std::ranges::count(more, What::out_of_memory);
    }
    return scenario;
}

std::string text_of(const Decision& decision, std::size_t number) {
    return std::to_string(number) + " " + std::string(name(decision.what)) + " at " +
           text_of(Time(1h) + decision.at) + ", LV " + std::to_string(decision.volume) + ", for " +
           std::to_string(std::chrono::duration<double>(decision.lasts).count()) + " s";
}

} // namespace lvmpolld::simulation
