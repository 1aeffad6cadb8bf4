// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "chance.h"
#include "dm/copy.h"
#include "trace.h"
#include "virtual_time.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The truth about LVs and what the kernel copies for them, which the invariants are held against.
namespace lvmpolld::simulation {

/// A part of a copy that is committed on its own.
struct Segment {
    std::uint64_t start;
    std::uint64_t length;
    std::vector<dm::Leg> legs;
    bool differs = false; ///< a leg does not hold what the source does
    bool told = false;    ///< something in the kernel's log says so, or that it is incomplete
    /// What told of it was lost: no daemon from this one on can know. 0: none was.
    unsigned unknowable_from = 0;
    bool unreadable = false; ///< a leg, for the moment
    Time undecided_until{};  ///< its blocks are rewritten too fast

    /// A daemon that can't know learns nothing by what is lost later.
    void lose_evidence(unsigned first_daemon) {
        if (unknowable_from == 0 || first_daemon < unknowable_from)
            unknowable_from = first_daemon;
    }
};

/// One copy, from its begin to its commit or abort.
struct Job {
    enum class End { none, committed, aborted, lost };

    OperationType type = OperationType::pvmove;
    std::vector<Segment> segments;
    std::size_t current = 0;
    bool layered = false; ///< a conversion that is not committed
    dev_t cow = 0;        ///< of a merge
    std::string health = "AA";
    double copied = 0; ///< sectors of the current segment, at `as_of`
    double rate = 0;   ///< sectors in a second
    Time as_of{};
    Time stalled_until{};
    bool complete = false;           ///< the current segment
    bool dead = false;               ///< nothing will move any more
    bool failed = false;             ///< likewise, of a merge; the kernel shows it
    Time legs_changed = Time::min(); ///< when a leg was replaced last
    unsigned changes = 0;            ///< tells completions that were foreseen before one
    End end = End::none;
    Time ended{};

    Segment& segment() { return segments[current]; }

    bool is_over() const { return end != End::none; }
};

/// An LV as LVM and the kernel have it.
struct Volume {
    unsigned number;
    std::string lvid;
    std::string vg;
    std::string lv;
    bool exists = true;
    bool active = true;
    bool is_held = false;     ///< somebody has its device open
    bool left_behind = false; ///< so it was not to be removed at the end of its move
    std::uint32_t events = 0;
    std::optional<Time> unheard{};    ///< when it was created, if the daemon was not told at once
    Time last_inactive = Time::min(); ///< it was inactive, or gone, at this time
    std::shared_ptr<Job> job;         ///< the last one; null before the first
    std::deque<std::shared_ptr<Job>> queued; ///< merges that begin when the one before is over

    std::string name() const { return vg + "/" + lv; }

    /// A copy that lvpoll has to see to: it goes on or waits to be committed.
    bool is_unfinished() const { return exists && active && job && !job->is_over(); }

    /// Likewise, of a mirror.
    bool copies_mirror() const { return is_unfinished() && dm::kind_of(job->type).comparable; }

    /// The kernel has its legs: a converted mirror stays one.
    bool has_legs() const {
        return is_unfinished() || (exists && active && job && job->type == OperationType::convert);
    }
};

/// All LVs. What changes here may raise an event of device-mapper.
class Volumes {
public:
    Volumes(Events& events, Trace& trace) : events_(events), trace_(trace) {}

    /// Is told of each event of a device, and before it of a new device.
    std::function<void(Volume&)> raised;
    std::function<void(Volume&)> created;

    /// Is told when a segment is in sync, and when a leg has died.
    std::function<void(Volume&)> completed;
    std::function<void(Volume&)> died;

    /// Its device is created, which is an event of another device than those that are there.
    Volume& add(unsigned number, std::string vg, std::string lv);

    Volume* of_number(unsigned number);
    Volume* of_lvid(std::string_view lvid);
    Volume* of_name(std::string_view vg, std::string_view lv);

    const std::map<unsigned, std::unique_ptr<Volume>>& all() const { return volumes_; }

    void begin(Volume& volume, std::shared_ptr<Job> job);

    /// Sectors of the current segment that are copied now.
    static std::uint64_t copied(const Job& job);

    void set_rate(Volume& volume, double rate);
    void stall(Volume& volume, Duration duration);

    /// The current segment is copied now.
    void finish_segment(Volume& volume);

    /// A recovery error: the region counts as copied and is not.
    void corrupt(Volume& volume, bool told, bool letter);

    void leg_dies(Volume& volume);

    /// A merge fails for good.
    void fail(Volume& volume);

    /// lvm commits the current segment, which is complete.
    void commit(Volume& volume);
    void abort(Volume& volume);

    void rename(Volume& volume, std::string lv);
    void deactivate(Volume& volume);
    void activate(Volume& volume);
    void remove(Volume& volume);
    void replace_leg(Volume& volume, dev_t leg);

    void raise(Volume& volume) {
        ++volume.events;
        raised(volume);
    }

private:
    void settle(Job& job);
    void foresee(Volume& volume);
    void complete(Volume& volume);
    void end(Volume& volume, Job::End how);
    /// A move's device goes, unless it is held.
    static void drop(Volume& volume);

    Events& events_;
    Trace& trace_;
    std::map<unsigned, std::unique_ptr<Volume>> volumes_;
};

} // namespace lvmpolld::simulation
