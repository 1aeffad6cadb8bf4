// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "chance.h"
#include "operation/store.h"
#include "trust/verify.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What is drawn from a seed before a world begins: how the daemon is started, what the world is
/// like, and a list of decisions. Everything else that is left to chance in the world depends on
/// the seed and on one decision alone, so that a world without some of them is the same world
/// otherwise: that is what shrinking lives on.
namespace lvmpolld::simulation {

/// What happens at a moment of the world, and perhaps for a while.
enum class What : std::uint8_t {
    copy,   ///< an LV begins to be copied; others refer to it
    client, ///< somebody else asks for it
    abort,
    recovery_error, ///< a region is not copied, and the kernel counts it as copied
    silent_error,   ///< likewise, and nothing tells of it
    rewrite,        ///< the region is written again: the legs are equal again
    stall,          ///< nothing moves for a while
    slow_down,
    leg_dies,       ///< nothing moves any more, and the letter says so
    leg_unreadable, ///< for a while
    hot_block,      ///< the legs can't be compared for a while
    events_lost,    ///< for a while: nobody is told of an event
    events_late,
    events_doubled,
    other_events, ///< a storm of other people's events
    look_fails,   ///< the kernel has no memory for an answer, for a while
    strange,      ///< the device is not understood for a while
    no_device_mapper,
    log_overflows,
    log_unreadable,
    lockd_runs,
    outside_poller, ///< lvm's own, without the daemon
    outside_abort,
    rename,
    deactivate, ///< and activate after a while
    remove,
    recreate, ///< another LV takes the name
    replace_leg,
    invisible, ///< lvm does not see the VG for a while, and exits 0
    old_view,  ///< lvm sees the LV as it was before
    spawn_fails,
    lvpoll_killed,
    lvpoll_fails,
    lvpoll_hangs,
    lock_held, ///< by another command
    kill_daemon,
    stop_daemon,
    full_directory,
    slow_directory,
    no_memory, ///< for the kernel's answers, and no descriptors
    // Those from here on are drawn after all others, so that older seeds keep their decisions.
    atomic,         ///< all of the move is one segment
    mirror_changes, ///< just as its comparison ends
    merge_fails,
    speed_up,
    suspend,
    take_name, ///< it is renamed, and another LV is called as it was
    hold_device,
    lvpoll_crashes,
    lvpoll_lingers, ///< a child of it stays for a while
    no_threads,
    out_of_memory,    ///< allocations of the daemon fail
    observe,          ///< somebody watches, and asks for dumps
    insistent_client, ///< asks again on the same connection
    mistaken_client,  ///< asks for another type of operation
    damage_file,      ///< of the state directory
    contend_lock,     ///< of the state directory, for a moment
    // Likewise.
    spoil_file,        ///< of the state directory: one part of it
    directory_fails,   ///< some of what is asked of the state directory, for a while
    directory_held,    ///< another daemon has its lock for a while
    look_fails_beside, ///< the kernel has no memory for an answer while an lvpoll of the LV runs
    rush,              ///< all copies are nearly done
    done_at_arming,    ///< just as the daemon begins to listen to events
    two_minded_client, ///< asks for an abort on the same connection
    garbled_client,    ///< its interval is none
    late_readers,      ///< clients leave replies unread for a while
    reads_hang,        ///< a comparison does not end when it is cancelled
    observe_closely,   ///< whenever something is asked for or started
    // Likewise.
    kill_starts, ///< of the daemon, some in a row, early
    // Likewise.
    fail_starts, ///< of the daemon, some in a row, early, by its own fault
    nothing,     ///< one that is left out
};

std::string_view name(What what);

/// How many kinds there are.
inline constexpr std::size_t kinds_of_decisions = static_cast<std::size_t>(What::nothing);

struct Decision {
    What what;
    Duration at;       ///< since the world began
    Duration lasts;    ///< where that means something
    unsigned volume;   ///< number of the decision that makes the LV
    std::uint64_t key; ///< of the chance that belongs to it
};

struct Scenario {
    std::uint64_t seed = 0;
    Duration horizon{}; ///< no decision comes later

    Verify verify = Verify::suspect;
    bool watch = true;
    bool adopt = false;
    bool kept = false;    ///< a service manager keeps connections
    bool memory = true;   ///< the state directory is memory
    bool counters = true; ///< disks count their errors
    bool talks = false;   ///< the daemon logs everything
    Retention retention{};
    std::chrono::seconds idle_exit{0};
    unsigned volume_groups = 1;

    std::vector<Decision> decisions;
};

/// All of it, from the seed.
Scenario make_scenario(std::uint64_t seed);

/// "12 kill_daemon at 0d 00:10:00.000 of 3"
std::string text_of(const Decision& decision, std::size_t number);

} // namespace lvmpolld::simulation
