// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every combination of the facts that matters, for the tests of plan() (docs/engine.md, "The
// rules"). A test of a rule is called RuleN...
#pragma once

#include "engine/facts.h"

#include <gtest/gtest.h>

#include <array>

namespace lvmpolld {

using namespace std::chrono_literals;
using Child = Facts::Child;
using Comparing = Facts::Comparing;
using Ending = Facts::Ending;
using How = Finish::How;
using Turn = Facts::Turn;

inline constexpr Facts::TimePoint now{1h};
inline constexpr auto past = now - 1s;
inline constexpr auto sooner = now + 500ms;
inline constexpr auto later = now + 1s;

inline constexpr std::array seens{Seen::unknown, Seen::failed, Seen::nothing, Seen::strange,
                                  Seen::copying, Seen::stuck,  Seen::complete};
inline constexpr std::array verdicts{Verdict::commit, Verdict::compare, Verdict::refuse};
inline constexpr std::array purposes{Purpose::step, Purpose::decide, Purpose::resident};
inline constexpr std::array both{false, true};

/// Each combination of what any operation has.
template <typename Visit>
void for_each_common(Visit visit) {
    Facts f; // each time is another one, so that none is taken for another
    f.now = now;
    f.look_at = later;
    f.slot_end = later + 1s;
    f.lock_check = later + 2s;
    f.give_up = later + 3s;
    for (const bool stopping : both) {
        for (const int fence : {0, 1, 2}) {
            for (const int kernel : {0, 1, 2}) {
                for (const auto seen : seens) {
                    for (const bool same : both) {
                        f.stopping = stopping;
                        f.fenced = fence > 0;
                        f.fence_end = fence == 2 ? now : later + 4s;
                        f.can_ask = kernel > 0;
                        f.watched = kernel > 1;
                        f.seen = seen;
                        f.same = same;
                        visit(f);
                    }
                }
            }
        }
    }
}

template <typename Visit>
void for_each_child(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto child : {Child::running, Child::retired, Child::ended}) {
            for (const auto purpose : purposes) {
                for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
                    for (const auto verdict : verdicts) {
                        f.child = child;
                        f.purpose = purpose;
                        f.survivor = (bits & 1) != 0;
                        f.misdirected = (bits & 2) != 0;
                        f.slot_end = (bits & 4) != 0 ? now : later + 1s;
                        f.lock_check = (bits & 8) != 0 ? now : later + 2s;
                        f.verdict = verdict;
                        visit(f);
                    }
                }
            }
        }
    });
}

template <typename Visit>
void for_each_comparison(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto comparing : {Comparing::running, Comparing::cancelled, Comparing::useless,
                                     Comparing::equal, Comparing::bad}) {
            f.comparing = comparing;
            visit(f);
        }
    });
}

template <typename Visit>
void for_each_ending(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto ending : {Ending::success, Ending::other}) {
            for (const bool joined : both) {
                for (const auto give_up : {past, now, sooner, Facts::never}) {
                    for (const int bits : {0, 1, 2, 3}) {
                        f.ending = ending;
                        f.joined = joined;
                        f.give_up = give_up;
                        f.was_seen = (bits & 1) != 0;
                        f.late = (bits & 2) != 0;
                        visit(f);
                    }
                }
            }
        }
    });
}

template <typename Visit>
void for_each_free(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto next_start : {now, later + 5s}) {
            for (const auto promised : {now, later + 6s}) {
                for (const bool name_taken : both) {
                    for (const auto verdict : verdicts) {
                        for (const auto compare : {Turn::none, Turn::waiting}) {
                            for (const auto step : {Turn::none, Turn::waiting, Turn::held}) {
                                f.next_start = next_start;
                                f.promised = promised;
                                f.name_taken = name_taken;
                                f.verdict = verdict;
                                f.turn_to_compare = compare;
                                f.turn_to_step = step;
                                visit(f);
                            }
                        }
                    }
                }
            }
        }
    });
}

template <typename Visit>
void for_each(Visit visit) {
    for_each_child(visit);
    for_each_comparison(visit);
    for_each_ending(visit);
    for_each_free(visit);
}

inline bool must_be_quiet(const Facts& f) {
    return f.stopping || (f.fenced && f.fence_end > now);
}

inline bool is_copy(const Facts& f) {
    return f.seen == Seen::copying || f.seen == Seen::stuck || f.seen == Seen::complete;
}

/// The kernel has not said whether a success is true.
inline bool is_silent(const Facts& f) {
    return f.can_ask && (f.seen == Seen::failed || (f.seen == Seen::strange && f.was_seen));
}

/// Another copy than the ending is about, which a request may have come for.
inline bool shows_another(const Facts& f) {
    return f.ending == Ending::success && is_copy(f) && !f.same;
}

inline bool denies(const Facts& f) {
    return f.ending == Ending::success && is_copy(f) && f.same;
}

template <typename A>
const A* as(const Action& action) {
    return std::get_if<A>(&action);
}

inline bool starts(const Action& action, Purpose purpose) {
    return action == Action(Start{purpose});
}

inline bool waits(const Action& action, Reason why) {
    const auto* wait = as<Wait>(action);
    return wait != nullptr && wait->why == why;
}

/// An operation with nothing in its way that sees this.
inline Facts free_to_go(Seen seen) {
    Facts f;
    f.now = now;
    f.look_at = later;
    f.can_ask = true;
    f.watched = true;
    f.seen = seen;
    f.turn_to_step = Turn::held;
    return f;
}

inline Facts beside(Purpose purpose, Seen seen = Seen::nothing) {
    Facts f = free_to_go(seen);
    f.child = Child::running;
    f.purpose = purpose;
    return f;
}

} // namespace lvmpolld
