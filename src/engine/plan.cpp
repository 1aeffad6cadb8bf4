// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The decisions of the engine, one rule a line; the number in the comment is the rule's in
// docs/engine.md, "The rules". The first line that applies wins. An operation is, in this
// order, beside an lvpoll, beside a comparison, at an ending, or free to begin something.
#include "engine/facts.h"

#include <algorithm>

namespace lvmpolld {

namespace {

using Child = Facts::Child;
using Comparing = Facts::Comparing;
using Ending = Facts::Ending;
using How = Finish::How;
using Turn = Facts::Turn;

bool is_copy(Seen seen) {
    return seen == Seen::copying || seen == Seen::stuck || seen == Seen::complete;
}

bool must_be_quiet(const Facts& f) {
    return f.stopping || (f.fenced && f.now < f.fence_end);
}

// clang-format off
/// An lvpoll runs that commits or decides.
Action beside_step(const Facts& f) {
    const auto until = std::min({f.look_at, f.slot_end, f.lock_check});
    const bool still_due = f.purpose == Purpose::step && f.same && f.seen == Seen::complete;
    const bool superfluous = is_copy(f.seen) && !still_due;
    if (f.now >= f.slot_end)             return GiveTurn{};                                // 11
    if (f.seen == Seen::unknown)         return Look{};                                    // 2
    if (f.seen == Seen::failed)          return Retire{};                                  // 12
    if (superfluous)                     return Retire{true};                              // 2, 7
    if (f.now >= f.lock_check)           return CheckLock{};                               // 13
    return Wait{until, Reason::stepping};
}

Action beside_lvpoll(const Facts& f) {
    const bool may_stay = !f.watched && f.verdict == Verdict::commit;
    if (f.child == Child::ended)         return TakeEnd{};                                 // 3
    if (f.child == Child::retired)       return Wait{Facts::never, Reason::lvpoll_end};
    if (must_be_quiet(f))                return Retire{};                                  // 5
    if (f.misdirected)                   return Retire{};                                  // 10
    if (f.survivor && !may_stay)         return Retire{};                                  // 7
    if (f.purpose != Purpose::resident)  return beside_step(f);
    if (f.now >= f.lock_check)           return CheckLock{};                               // 13
    return Wait{f.lock_check, Reason::resident};
}

Action beside_comparison(const Facts& f) {
    const bool running = f.comparing == Comparing::running;
    const bool over = f.comparing == Comparing::equal || f.comparing == Comparing::bad;
    if (f.comparing == Comparing::useless)   return Drop{};                                // 8
    if (f.comparing == Comparing::cancelled) return Wait{Facts::never, Reason::comparison_end};
    if (must_be_quiet(f) && running)         return Cancel{};                              // 5
    if (must_be_quiet(f))                    return Drop{};                                // 5
    if (f.seen == Seen::unknown)             return Look{};                                // 8
    if (over && !f.same)                     return Drop{};                                // 8
    if (f.comparing == Comparing::equal)     return Accept{};
    if (f.comparing == Comparing::bad)       return Finish{How::refused_bad};              // 7
    if (f.seen != Seen::failed && !f.same)   return Cancel{};                              // 8
    return Wait{f.look_at, Reason::comparing};
}

Action at_ending(const Facts& f) {
    const auto until = std::min(f.look_at, f.give_up);
    const bool success = f.ending == Ending::success;
    const bool denied = success && is_copy(f.seen) && f.same;
    const bool another = success && is_copy(f.seen) && !f.same;
    const bool silent = f.seen == Seen::failed || (f.seen == Seen::strange && f.was_seen);
    const bool doubtful = success && silent && f.can_ask;
    if (f.joined)                              return Again{};                             // 4
    if (f.seen == Seen::unknown && f.can_ask)  return Look{};                              // 1
    if (another && f.late)                     return Again{};                             // 4
    if (denied && f.watched && f.seen != Seen::complete) return Again{};                   // 1
    if (denied && f.now >= f.give_up)          return Finish{How::denied};                 // 1
    if (denied)                                return Retry{};                             // 1
    if (doubtful && f.stopping)                return Finish{How::stopped};
    if (doubtful && f.now >= f.give_up)        return Finish{How::unconfirmed};            // 1
    if (doubtful)                              return Wait{until, Reason::confirmation};   // 1
    return Finish{How::as_lvpoll_says};                                                    // 3
}

/// A resident lvpoll takes the operation, unless it must not have the copy.
Action hand_over(const Facts& f) {
    const bool gone = f.seen == Seen::nothing;
    if (f.verdict != Verdict::commit)      return Finish{How::refused_unverified};         // 7, 9
    if (f.name_taken && gone)              return Finish{How::name_is_anothers};           // 10
    if (f.name_taken && f.can_ask)         return Wait{f.look_at, Reason::name};           // 10
    if (f.name_taken)                      return Finish{How::name_is_lost};               // 10
    return Start{Purpose::resident};                                                       // 12
}

/// lvpoll has something to do, or may have.
Action step(const Facts& f) {
    const bool commits = f.seen == Seen::complete;
    if (f.name_taken && commits)             return Wait{f.look_at, Reason::name};         // 10
    if (f.name_taken)                        return Finish{How::name_is_anothers};         // 10
    if (f.turn_to_step == Turn::waiting)     return Wait{f.look_at, Reason::turn_to_step}; // 11
    if (f.turn_to_step == Turn::none)        return TakeTurn{};                            // 11
    return Start{commits ? Purpose::step : Purpose::decide};                               // 6
}

Action begin(const Facts& f) {
    const bool verify = f.seen == Seen::complete && f.verdict == Verdict::compare;
    const bool refuse = f.seen == Seen::complete && f.verdict == Verdict::refuse;
    if (f.stopping)                               return Finish{How::stopped};
    if (must_be_quiet(f))                         return Wait{f.fence_end, Reason::fenced}; // 5
    if (f.now < f.next_start)                     return Wait{f.next_start, Reason::next_start};
    if (f.now < f.promised)                       return Wait{f.promised, Reason::promised};
    if (f.seen == Seen::unknown && f.can_ask)     return Look{};
    if (!f.watched)                               return hand_over(f);                     // 12
    if (f.seen == Seen::failed)                   return hand_over(f);                     // 12
    if (f.seen == Seen::strange)                  return hand_over(f);                     // 12
    if (f.seen == Seen::copying)                  return Wait{f.look_at, Reason::copying};
    if (f.seen == Seen::stuck)                    return Wait{f.look_at, Reason::leg_failed}; // 13
    if (refuse)                                   return Finish{How::refused_unverified};  // 7
    if (verify && f.turn_to_compare == Turn::waiting)
        return Wait{f.look_at, Reason::turn_to_compare};
    if (verify && f.now < f.next_comparison)
        return Wait{std::min(f.look_at, f.next_comparison), Reason::next_comparison};       // 8
    if (verify)                                   return Compare{};                        // 7
    return step(f);
}

// clang-format on

} // namespace

Action plan(const Facts& f) {
    if (f.child != Child::none)
        return beside_lvpoll(f);
    if (f.comparing != Comparing::none)
        return beside_comparison(f);
    if (f.ending != Ending::none)
        return at_ending(f);
    return begin(f);
}

} // namespace lvmpolld
