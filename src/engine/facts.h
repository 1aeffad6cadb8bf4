// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "trust/tracked_copy.h"

#include <variant>

namespace lvmpolld {

/// What an lvpoll is run for.
enum class Purpose {
    step,     ///< commits a copy that is complete
    decide,   ///< nothing is copied: finds out whether anything is left to do
    resident, ///< does the watching itself, or aborts
};

/// What one look at the kernel has shown.
enum class Seen {
    unknown, ///< nobody has looked since something changed
    failed,  ///< the kernel could not be asked
    nothing, ///< the LV is inactive, gone, or not copied
    strange, ///< what is there is not understood
    copying,
    stuck,    ///< copying, but a leg has failed and nothing moves
    complete, ///< or failed for good: lvpoll's turn
};

/// Everything that decides what one operation does next, as of one moment. A field says nothing
/// about another one; which of them count is up to plan().
struct Facts {
    using TimePoint = Clock::TimePoint;
    static constexpr TimePoint never = TimePoint::max();

    enum class Child { none, running, retired, ended };
    enum class Ending { none, success, other };
    enum class Comparing { none, running, cancelled, useless, equal, bad };
    enum class Turn { none, waiting, held }; // a comparison that runs has its turn itself

    TimePoint now = TimePoint::min();
    bool stopping = false;
    bool fenced =
        false; ///< an abort of the LVID is under way; for an abort: what it fences still runs
    TimePoint fence_end = never; ///< the abort goes ahead then, whatever still runs

    Child child = Child::none;
    Purpose purpose = Purpose::step; ///< of the child
    bool survivor = false;           ///< an earlier daemon has started the child
    bool misdirected = false;        ///< another LV has the name that the child was started for
    TimePoint slot_end = never;      ///< the child keeps its VG's slot until then
    TimePoint lock_check = never;    ///< whether the child waits for a lock is to be found out then

    Ending ending = Ending::none; ///< what the last child says of the operation
    bool joined = false;          ///< a request came too late for it
    bool late = false;            ///< a request came beside a resident lvpoll, perhaps too late
    TimePoint give_up = never; ///< until then a success that the kernel does not confirm is doubted

    TimePoint next_start = TimePoint::min(); ///< no lvpoll is started before
    /// Nobody looks before, but to confirm a success: the client's `+`.
    TimePoint promised = TimePoint::min();

    bool watched = false; ///< the kernel tells about this operation, and lvpoll may be interrupted
    bool can_ask = false; ///< the kernel can be asked, watched or not
    Seen seen = Seen::unknown;
    TimePoint look_at = never; ///< the next look at the latest
    /// The copy seen is the one that the child or the comparison was started for, or that the
    /// ending is about.
    bool same = false;
    bool was_seen = false;   ///< some copy of the operation was seen: the device was understood
    bool name_taken = false; ///< another LV has the name now

    Verdict verdict = Verdict::commit;            ///< of the copy
    TimePoint next_comparison = TimePoint::min(); ///< no comparison is started before
    Comparing comparing = Comparing::none;
    Turn turn_to_compare = Turn::none;
    Turn turn_to_step = Turn::none;
};

/// What is waited for: what the dump, the log and lvmpollctl show.
enum class Reason {
    copying,
    leg_failed,
    promised,
    turn_to_step,
    turn_to_compare,
    next_comparison,
    comparing,
    comparison_end, ///< it was cancelled
    stepping,
    resident,
    lvpoll_end, ///< it was retired
    fenced,
    next_start,
    confirmation, ///< that the kernel agrees with a success
    name,
};

/// Waits for an event, at most until `until`.
struct Wait {
    Facts::TimePoint until;
    Reason why;
    bool operator==(const Wait&) const = default;
};

struct Look {
    bool operator==(const Look&) const = default;
};

/// Finds out who holds the lock that the child may wait for.
struct CheckLock {
    bool operator==(const CheckLock&) const = default;
};

/// Takes the VG's slot, or its place in the queue.
struct TakeTurn {
    bool operator==(const TakeTurn&) const = default;
};

/// Lets other steps of the VG run beside the child.
struct GiveTurn {
    bool operator==(const GiveTurn&) const = default;
};

struct Start {
    Purpose purpose;
    bool operator==(const Start&) const = default;
};

/// Sends the child SIGTERM. `advanced`: it has done its work.
struct Retire {
    bool advanced = false;
    bool operator==(const Retire&) const = default;
};

struct TakeEnd {
    bool operator==(const TakeEnd&) const = default;
};

struct Compare {
    bool operator==(const Compare&) const = default;
};

/// Cancels the comparison.
struct Cancel {
    bool operator==(const Cancel&) const = default;
};

/// The comparison says nothing about what is there now.
struct Drop {
    bool operator==(const Drop&) const = default;
};

/// The legs are equal.
struct Accept {
    bool operator==(const Accept&) const = default;
};

/// The success is untrue: tries again after a pause.
struct Retry {
    bool operator==(const Retry&) const = default;
};

/// The ending covers nobody who joined: begins anew.
struct Again {
    bool operator==(const Again&) const = default;
};

/// How an operation ends.
struct Finish {
    enum class How {
        as_lvpoll_says,
        name_is_anothers, ///< with success: the LV is gone
        name_is_lost,     ///< nobody knows whether it is gone
        denied,           ///< lvpoll says success, the kernel denies it
        unconfirmed,      ///< lvpoll says success, the kernel could not be asked
        refused_bad,      ///< the comparison has found the copy bad
        refused_unverified,
        stopped, ///< without a result
    };
    How how;
    bool operator==(const Finish&) const = default;
};

using Action = std::variant<Wait, Look, CheckLock, TakeTurn, GiveTurn, Start, Retire, TakeEnd,
                            Compare, Cancel, Drop, Accept, Retry, Again, Finish>;

/// What to do next. Pure: no I/O, no clock, no log.
Action plan(const Facts& facts);

} // namespace lvmpolld
