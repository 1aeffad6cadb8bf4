// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/record.h"

#include <cstdint>
#include <string>

namespace lvmpolld {

/// A file of the state directory that a daemon takes up, as one word, which is stored as a whole;
/// 0: none.
using TakenUp = std::uint64_t;

inline constexpr TakenUp nothing_taken_up = 0;
/// The list of suspect copies.
inline constexpr TakenUp suspects_taken_up = 1;

/// That of an operation's record.
TakenUp taken_up_record(bool abort, RecordNumber number) noexcept;

/// The name of the file.
std::string file_of(TakenUp file);

/// How the daemons of this boot have ended that used a state directory. One that ended otherwise
/// than by a stop or an idle exit has crashed: killed from outside, or by the kernel when memory
/// ran out, or by its own fault.
struct CrashHistory {
    bool runs = false; ///< a daemon runs, or the last one has crashed
    TakenUp at_hand = nothing_taken_up;
    std::uint64_t crashes = 0;          ///< in a row, before this daemon
    std::int64_t last_crash = 0;        ///< when it was noticed, seconds since 1970; 0: never
    TakenUp accused = nothing_taken_up; ///< what the last ones took up when they crashed
    std::uint64_t deaths = 0;           ///< how many of them in a row
    std::uint64_t faults = 0;           ///< how many of these by their own fault
    bool own_fault = false; ///< the daemon ends by an exception, or by a signal for a fault

    bool operator==(const CrashHistory&) const = default;
};

/// A file is set aside when, of the daemons in a row that died while they took it up, so many did
/// so by their own fault.
inline constexpr std::uint64_t most_faults = 3;

/// Or when there are so many in all. A few in a row may be killed from outside with no fault of the
/// file's; but it may also be the file that has the kernel kill them, for want of memory.
inline constexpr std::uint64_t most_deaths = 10;

/// What a daemon does that starts.
struct NextLife {
    CrashHistory history{}; ///< from now on
    bool after_crash = false;
    TakenUp to_set_aside = nothing_taken_up;
    std::string reason{}; ///< why it is to be set aside

    bool operator==(const NextLife&) const = default;
};

/// Pure. `now`: seconds since 1970.
NextLife next_life(const CrashHistory& before, std::int64_t now);

} // namespace lvmpolld
