// SPDX-License-Identifier: LGPL-2.1-or-later
//
// When legs that were seen to differ are good, and when they are not.
//
// The mirror is in sync. These are facts of dm-mirror (drivers/md/dm-raid1.c, dm-region-hash.c):
//   - It sends a write in a region that is in sync to all legs. It completes the write when all
//     legs have.
//   - A write that fails on a leg takes its region out of sync, and the kernel logs it. The caller
//     of the comparison finds that out when it looks at the mirror again.
//   - A write is on one leg before it is on the other. Several writes of one sector may be under
//     way; they do not wait for each other.
//   - Nothing but the mirror writes to the legs.
//
// A sector of a copy is bad if it was counted as copied without being written. It stays bad, with
// the same content, until the mirror writes it. A read returns what the leg held at one moment, or
// a mixture of that with a write under way.
//
// Agreed. A copy agrees with the source as soon as one of these holds:
//   equal      a look returned one content only, the same of both legs;
//   followed   the copy has *changed* to a content that the source was seen with, before or after.
//
// Why no bad sector passes. Let the source be read at s and the copy at c with the same content. If
// the mirror wrote the sector between s and c, the copy has been written through the mirror, and is
// good. If not, both held that content at one moment, and every later write goes to both. So one
// equal pair is proof. The rule asks for more than proof where it costs nothing, for disks that
// lie. A copy that loses writes without an error keeps its content; a source that comes back to
// that content by turns (A, B, A) shows both of them in a look of several readings, which is not
// "equal", and the copy has not changed, which is not "followed". A copy that changes to contents
// of its own (corrupted writes, stale or random reads) does not follow. That the source changes
// proves nothing.
//
// Different. A copy differs if it has not agreed, and it or the source is stuck: unchanged over 12
// looks and 10 s of pauses, with a moment since then at which the mirror had no write under way; or
// unchanged for 60 s.
//
// Why no good sector is condemned. The legs of a good sector differ only while
// a write is under way, and a write that was sent before a quiet moment is on both legs after it.
// So a good sector that differs in every look is written all the time. Then a stuck leg has to
// return, by chance, the same content in each of the looks, and the other leg a different one. For
// a sector that alternates between two contents this has a chance of 1 in 2^24; if the other leg
// changes, each look has several readings of the stuck one.
//
// The limit: a program that changes
// memory while it is written, or sends overlapping writes, leaves different contents on the legs of
// a healthy mirror. They cannot be told from a bad copy.
//
// Open. Both legs change, and no content was seen on both. This ends: settlement.cpp reads the legs
// of such a sector at the same time, again and again, so that a content of one is soon seen on the
// other; a sector that is no longer written becomes equal or stuck. Settlement bounds the time.
#include "verify/sector_history.h"

#include <algorithm>
#include <utility>

namespace lvmpolld::verify {

void SectorHistory::add(std::size_t leg, Content content) {
    std::vector<Content>& now = legs_[leg].now;
    if (now.empty() || now.back() != content)
        now.push_back(content);
}

bool SectorHistory::has_changed() const {
    return std::ranges::any_of(legs_, [](const Leg& leg) {
        return leg.ends.size() > 1 || leg.now.size() > 1 || leg.now.front() != leg.last;
    });
}

void SectorHistory::end_look(std::chrono::milliseconds pause, bool quiet) {
    for (Leg& leg : legs_)
        end_look(leg, pause, quiet);
    ++looks_;
    for (std::size_t i = 1; i < legs_.size(); ++i)
        legs_[i].agreed = legs_[i].agreed || agrees_now(legs_[i]);
    for (Leg& leg : legs_)
        leg.before = std::exchange(leg.now, {});
}

void SectorHistory::end_look(Leg& leg, std::chrono::milliseconds pause, bool quiet) const {
    if (looks_ == 0) {
        leg.first = leg.now.front();
    } else if (leg.now.size() == 1 && leg.now.front() == leg.last) {
        leg.unchanged += pause;
        ++leg.looks_unchanged;
        leg.quiet_since = leg.quiet_since || quiet;
    } else {
        leg.unchanged = {};
        leg.looks_unchanged = 0;
        leg.quiet_since = false;
    }
    if (looks_ == 0 || leg.last != leg.now.back())
        leg.ends.push_back(leg.now.back());
    leg.last = leg.now.back();
    std::ranges::sort(leg.now);
    leg.now.erase(std::ranges::unique(leg.now).begin(), leg.now.end());
}

bool SectorHistory::agrees_now(const Leg& copy) const {
    const Leg& source = legs_.front();
    if (copy.now.size() == 1 && copy.now == source.now)
        return true;
    const auto followed = [&](Content content) {
        return content != copy.first && source.was_seen_with(content);
    };
    return std::ranges::any_of(copy.now, followed) || std::ranges::any_of(copy.before, followed) ||
           std::ranges::any_of(copy.ends, followed);
}

Judgement SectorHistory::judgement() const {
    bool open = false;
    for (std::size_t i = 1; i < legs_.size(); ++i) {
        if (legs_[i].agreed)
            continue;
        if (legs_.front().is_stuck() || legs_[i].is_stuck())
            return Judgement::different;
        open = true;
    }
    return open ? Judgement::open : Judgement::agreed;
}

std::size_t SectorHistory::disputed_leg() const {
    std::size_t disputed = 0;
    for (std::size_t i = legs_.size() - 1; i > 0; --i) {
        const bool worse = disputed == 0 || legs_[i].is_stuck() || !legs_[disputed].is_stuck();
        if (!legs_[i].agreed && worse)
            disputed = i;
    }
    return disputed;
}

bool SectorHistory::Leg::is_stuck() const {
    if (looks_unchanged < unchanged_looks)
        return false;
    return unchanged >= longest_write || (unchanged >= unchanged_time && quiet_since);
}

bool SectorHistory::Leg::was_seen_with(Content content) const {
    return std::ranges::binary_search(now, content) ||
           std::ranges::binary_search(before, content) ||
           std::ranges::find(ends, content) != ends.end();
}

} // namespace lvmpolld::verify
