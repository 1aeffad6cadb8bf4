// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One round of the tracker: each operation of the daemon becomes an entry, with what the kernel
// shows under its LVID; what the kernel shows under another LVID becomes an entry that the daemon
// does not poll; and what was shown in the last round and is in neither of the two has ended.
#include "overview/tracker.h"

#include "dm/name.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lvmpolld::overview {

namespace {

using Type = dm::Activity::Type;

/// Rates from before a longer pause say nothing.
constexpr std::chrono::seconds longest_pause{60};

/// Whether the kernel's work may be this operation's.
bool belongs(OperationType type, Type activity) {
    switch (type) {
    case OperationType::pvmove:
    case OperationType::convert:
        return activity == Type::mirror;
    case OperationType::merge:
        return activity == Type::merge;
    case OperationType::merge_thin:
        break;
    }
    return false;
}

Kind kind_of(const dm::Activity& activity) {
    switch (activity.type) {
    case Type::mirror:
        return dm::is_pvmove(activity.lv) ? Kind::pvmove : Kind::convert;
    case Type::merge:
        return Kind::merge;
    case Type::raid_synchronisation:
        return Kind::raid_synchronisation;
    case Type::raid_rebuild:
        return Kind::raid_rebuild;
    case Type::raid_reshape:
        return Kind::raid_reshape;
    case Type::raid_scrub:
        return Kind::raid_scrub;
    case Type::cache_flush:
        return Kind::cache_flush;
    case Type::writecache_flush:
        return Kind::writecache_flush;
    }
    return Kind::convert;
}

/// Somebody has to commit it. A mirror without a temporary layer only gets in sync.
bool needs_a_step(const dm::Activity& activity) {
    return activity.type == Type::merge || dm::is_pvmove(activity.lv) || activity.layered;
}

bool is_flush(Kind kind) {
    return kind == Kind::cache_flush || kind == Kind::writecache_flush;
}

/// The rate, and what follows from it and from how far the entry is.
void add_rate(Entry& entry, Rate& rate, const Entry& before, const Moment& now) {
    rate.sample(now.boot, *entry.bytes_done);
    entry.bytes_per_second = rate.bytes_per_second();
    if (const auto left = rate.time_for(*entry.bytes_total - *entry.bytes_done))
        entry.expected_end = now.wall + std::chrono::duration_cast<WallTime>(*left);
    if (before.bytes_done && before.bytes_done != entry.bytes_done)
        entry.last_progress = now.wall;
    else if (before.last_progress)
        entry.last_progress = before.last_progress;
}

void add_sighting(Entry& entry, const dm::Sighting& sighting, std::uint64_t& first_total) {
    const auto& activity = sighting.activity;
    const auto total = activity.total * sector_bytes;
    entry.vg = activity.vg;
    entry.lv = activity.lv;
    entry.reads_from = sighting.reads_from;
    entry.writes_to = sighting.writes_to;
    if (activity.counts_down) {
        first_total = std::max(first_total, total);
        entry.bytes_done = first_total - total;
        entry.bytes_total = first_total;
    } else {
        entry.bytes_done = std::min(activity.copied * sector_bytes, total);
        entry.bytes_total = total;
    }
}

/// What its last round has shown and the end does not change.
void keep(Entry& entry, const Entry& before) {
    if (before.identifier.empty())
        return;
    entry.vg = before.vg;
    entry.lv = before.lv;
    entry.reads_from = before.reads_from;
    entry.writes_to = before.writes_to;
    entry.started = before.started;
    entry.last_progress = before.last_progress;
    entry.engine = entry.engine ? entry.engine : before.engine;
    if (before.bytes_done > entry.bytes_done) {
        entry.bytes_done = before.bytes_done;
        entry.bytes_total = before.bytes_total;
    }
}

/// Of what is not polled.
Entry end_of(const Entry& last, Ending ending, const Moment& now) {
    auto entry = ended(last, {.ending = ending}, now.wall);
    if (ending == Ending::completed)
        entry.bytes_done = entry.bytes_total;
    return entry;
}

Ending ending_of_vanished(const Entry& last, bool is_taken_up) {
    if (is_taken_up)
        return Ending::taken_over;
    // LVM takes a cache away when it is written back.
    return is_flush(last.kind) ? Ending::completed : Ending::gone;
}

} // namespace

std::vector<Entry> Tracker::take(const Polls& polls, const Sightings& sightings,
                                 const Moment& now) {
    if (now.boot - last_round_ > longest_pause)
        for (auto& [identifier, track] : tracks_)
            track.rate = {};
    last_round_ = now.boot;
    for (auto& [identifier, track] : tracks_)
        track.seen = false;

    Lvids polled;
    Lvids taken_up;
    for (const auto& poll : polls) {
        const auto lvid = poll.request.identity.lvid();
        taken_up.insert(lvid);
        if (!poll.state.result)
            polled.insert(lvid);
    }
    std::map<std::string_view, const dm::Sighting*> by_lvid;
    std::vector<Entry> entries;
    entries.reserve(polls.size());
    for (const auto& sighting : sightings) {
        by_lvid.emplace(sighting.activity.lvid, &sighting);
        if (!polled.contains(sighting.activity.lvid))
            if (auto entry = of_unpolled(sighting, now))
                entries.push_back(*std::move(entry));
    }
    // Whoever waits for what is taken over goes on to wait for what has taken it over, which may be
    // over by now: that it is comes later.
    add_vanished(entries, taken_up, now);
    for (const auto& poll : polls) {
        const auto found = by_lvid.find(poll.request.identity.lvid());
        const bool shown = found != by_lvid.end() && !poll.state.result &&
                           belongs(poll.request.type, found->second->activity.type);
        entries.push_back(of_polled(poll, shown ? found->second : nullptr, now));
    }
    // An operation that is in no store any more, and whose result nobody has kept.
    std::erase_if(tracks_, [](const auto& entry) { return !entry.second.seen; });
    return entries;
}

Entry Tracker::of_polled(const Polled& polled, const dm::Sighting* sighting, const Moment& now) {
    auto entry = entry_of(polled, now);
    if (polled.state.result) {
        if (const auto track = tracks_.find(entry.identifier); track != tracks_.end()) {
            keep(entry, track->second.last);
            tracks_.erase(track);
        }
        return entry;
    }
    auto& track = tracks_[entry.identifier];
    const auto before = std::exchange(track.last, {});
    keep(entry, before);
    if (sighting != nullptr) {
        if (entry.bytes_total && sighting->activity.counts_down)
            track.first_total = std::max(track.first_total, *entry.bytes_total);
        add_sighting(entry, *sighting, track.first_total);
        add_rate(entry, track.rate, before, now);
    }
    track.last = entry;
    track.seen = true;
    return entry;
}

std::string Tracker::unpolled_identifier(const std::string& uuid) {
    auto& identifier = unpolled_[uuid];
    if (identifier.empty())
        identifier = "kernel-" + std::to_string(++last_unpolled_);
    return identifier;
}

std::optional<Entry> Tracker::of_unpolled(const dm::Sighting& sighting, const Moment& now) {
    const auto& activity = sighting.activity;
    const bool commits = needs_a_step(activity);
    const bool over = activity.idle || (activity.complete && !commits);
    const auto known = unpolled_.find(activity.uuid);
    const auto tracked = known != unpolled_.end() ? tracks_.find(known->second) : tracks_.end();
    if (over && tracked == tracks_.end())
        return std::nullopt;
    if (over) {
        auto& track = tracked->second;
        const bool undecided = !activity.complete && !activity.failed && !is_flush(track.last.kind);
        if (undecided) { // a RAID that is frozen goes on later
            track.seen = true;
            return track.last;
        }
        const auto ending = activity.complete ? Ending::completed : Ending::failed;
        auto entry = end_of(track.last, ending, now);
        tracks_.erase(tracked);
        unpolled_.erase(known);
        return entry;
    }
    Entry entry{.identifier = unpolled_identifier(activity.uuid)};
    auto& track = tracks_[entry.identifier];
    const auto before = std::exchange(track.last, {});
    entry.kind = kind_of(activity);
    entry.polled_by = commits ? PolledBy::nobody : PolledBy::not_needed;
    entry.lvid = activity.lvid;
    entry.state = activity.complete ? State::complete : State::copying;
    if (activity.failed)
        entry.waits_for = "a device beneath it has failed";
    add_sighting(entry, sighting, track.first_total);
    add_rate(entry, track.rate, before, now);
    track.last = entry;
    track.seen = true;
    return entry;
}

void Tracker::add_vanished(std::vector<Entry>& entries, const Lvids& taken_up, const Moment& now) {
    for (auto position = unpolled_.begin(); position != unpolled_.end();) {
        const auto track = tracks_.find(position->second);
        if (track != tracks_.end() && track->second.seen) {
            ++position;
            continue;
        }
        if (track != tracks_.end()) {
            const auto& last = track->second.last;
            const auto ending = ending_of_vanished(last, taken_up.contains(last.lvid));
            entries.push_back(end_of(last, ending, now));
            tracks_.erase(track);
        }
        position = unpolled_.erase(position);
    }
}

} // namespace lvmpolld::overview
