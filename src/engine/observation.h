// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "dm/kernel.h"
#include "engine/workshop.h"
#include "trust/copy_suspicion.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace lvmpolld {

/// What the kernel has shown of one operation's device, and what follows from it. Monitor thread.
class Observation {
public:
    struct Names {
        std::string vg;
        std::string lv;
    };

    Observation(Watching& watching, Names requested)
        : watching_(watching), suspicion_(watching.errors), names_(std::move(requested)) {}

    /// Takes in what a look at `now` has shown.
    void see(const dm::Copy& copy, Clock::TimePoint now);

    void see(Names names) { names_ = std::move(names); }

    /// What is seen next may be another copy, of the same LV.
    void forget_copy();

    /// As last seen: the LV may have been renamed since the request.
    const Names& names() const noexcept { return names_; }

    /// Of the copy seen last, in sectors.
    Progress progress() const { return dm::progress(origin_->copy, latest_); }

    /// When to look again, `longest` from `now` at the latest; the end of a copy without events is met
    /// half-way again and again.
    Clock::TimePoint next_look(Clock::TimePoint now, std::chrono::seconds longest) const;

    /// lvpoll is about to commit the copy seen last.
    void begin_step() { suspicion_.begin_step(latest_); }

    bool is_suspect() { return suspicion_.is_suspect(); }

    /// Whether a copy was seen.
    bool has_copy() const noexcept { return origin_.has_value(); }

    /// Whether --verify demands no comparison of that copy's legs before it is committed.
    bool may_be_committed();

    /// The legs of the copy seen last are equal.
    void set_verified();

    /// They aren't, or can't be read.
    void set_bad() { watching_.suspects.insert(identity()); }

private:
    /// Since when progress is measured.
    struct Origin {
        dm::Copy copy;
        Clock::TimePoint time;
    };

    CopyIdentity identity() const { return {latest_.uuid, latest_.segment_start}; }

    Watching& watching_;
    CopySuspicion suspicion_;
    Names names_;
    dm::Copy latest_;
    std::optional<Origin> origin_;
};

} // namespace lvmpolld
