// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/abort_decision.h"

#include "base/joined.h"
#include "ctl/words.h"

#include <algorithm>

namespace lvmpolld::ctl {

namespace {

using overview::Entry;
using overview::Kind;
using overview::StoreKind;

/// Why it cannot be aborted, and what is possible.
std::string other_way(const Entry& entry) {
    const auto lv = lv_name(entry);
    switch (entry.kind) {
    case Kind::pvmove:
        break;
    case Kind::convert:
        return "a conversion has no abort; 'lvconvert -m-1 " + lv +
               " PV' takes the new leg on PV away again";
    case Kind::merge:
    case Kind::merge_thin:
        return "a merge has no abort, since the origin has changed already; after a "
               "deactivation it goes on with the next activation";
    case Kind::raid_synchronisation:
    case Kind::raid_rebuild:
        return "the legs have to be made equal; 'lvchange --maxrecoveryrate RATE " + lv +
               "' slows it down";
    case Kind::raid_reshape:
        return "a reshape has no abort; after a deactivation it goes on with the next activation";
    case Kind::raid_scrub:
        return "LVM has no command for that; 'lvchange --maxrecoveryrate RATE " + lv +
               "' slows it down";
    case Kind::cache_flush:
    case Kind::writecache_flush:
        return "what is dirty has to be written back; interrupt the lvconvert that waits for it";
    }
    return {};
}

} // namespace

AbortDecision decide_abort(const std::vector<Entry>& entries, const Selection& selection,
                           const std::string& what) {
    std::vector<Entry> selected;
    std::ranges::copy_if(entries, std::back_inserter(selected), [&](const Entry& entry) {
        return !entry.is_over() && entry.store != StoreKind::abort && selection.matches(entry);
    });
    std::vector<Entry> moves;
    std::ranges::copy_if(selected, std::back_inserter(moves),
                         [](const Entry& entry) { return entry.kind == Kind::pvmove; });
    AbortDecision decision;
    if (selected.empty()) {
        decision.refusal =
            "nothing long is under way for '" + what + "'; 'lvmpollctl' lists what is";
        decision.nothing_such = true;
    } else if (moves.empty()) {
        const auto& other = selected.front();
        decision.refusal =
            lv_name(other) + " is no move but a " + what_word(other) + ": " + other_way(other);
    } else if (moves.size() > 1) {
        decision.refusal = "'" + what +
                           "' matches several moves, and only one is aborted at a "
                           "time; name one of " +
                           joined(moves, ", ", lv_name);
    } else {
        decision.move = moves.front();
        if (decision.move.reads_from.size() != 1)
            decision.refusal = "device-mapper does not show what " + lv_name(decision.move) +
                               " moves off; 'pvmove --abort PV' aborts the move off PV";
        else
            decision.physical_volume = decision.move.reads_from.front();
    }
    return decision;
}

} // namespace lvmpolld::ctl
