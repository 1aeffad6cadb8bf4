// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "dm/kernel.h"
#include "engine/facts.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace lvmpolld {

/// What the kernel has shown of an operation's LV at the last look. Monitor thread.
class LvView {
public:
    using TimePoint = Clock::TimePoint;

    struct Names {
        std::string vg;
        std::string lv;
    };

    explicit LvView(Names requested) : names_(std::move(requested)) {}

    void take(dm::View view, TimePoint now);
    void take_failure(std::string what);

    Seen seen() const noexcept { return seen_; }

    /// As last seen: the LV may have been renamed since the request.
    const Names& names() const noexcept { return names_; }

    /// The copy seen last, which may be gone.
    const std::optional<dm::Copy>& copy() const noexcept { return copy_; }

    /// Why it is strange, or the kernel could not be asked.
    const std::string& problem() const noexcept { return problem_; }

    /// A copy is there now.
    bool sees_copy() const noexcept {
        return seen_ == Seen::copying || seen_ == Seen::stuck || seen_ == Seen::complete;
    }

    bool is_inactive() const noexcept { return seen_ == Seen::nothing && !active_; }

    /// The LV is active and nothing is copied.
    bool is_idle() const noexcept { return seen_ == Seen::nothing && active_; }

    /// The LV has only the error target now.
    bool is_left_behind() const noexcept { return left_behind_; }

    /// Of the copy seen last, in sectors.
    Progress progress() const noexcept { return dm::progress(first_total_, *copy_); }

    /// When to look again while it is copied, `longest` from `now` at the latest; the end of a copy
    /// without an event is met half-way again and again. A copy must have been seen.
    TimePoint next_look(TimePoint now, const dm::Kind& kind, std::chrono::seconds longest) const;

    /// An lvpoll is started for what is seen now.
    void begin_lvpoll() {
        started_for_ = sees_copy() ? std::optional(dm::key(*copy_)) : std::nullopt;
        started_blind_ = !sees_copy() && seen_ != Seen::nothing;
    }

    /// The copy that the last lvpoll was started for; none if none was seen then.
    const std::optional<dm::CopyKey>& started_for() const noexcept { return started_for_; }

    /// Nobody knows what was there when the last lvpoll was started.
    bool started_blind() const noexcept { return started_blind_; }

    /// What is seen next may be another copy, of the same LV.
    void forget_copy() {
        copy_.reset();
        seen_ = Seen::unknown;
    }

private:
    void take_copy(dm::Copy copy, TimePoint now);

    Seen seen_ = Seen::unknown;
    Names names_;
    std::string problem_;
    bool active_ = false;
    bool left_behind_ = false;
    std::optional<dm::Copy> copy_;
    std::optional<dm::CopyKey> started_for_;
    bool started_blind_ = true;
    std::uint64_t first_total_ = 0; ///< since then progress is measured
    Progress first_{};
    TimePoint first_time_{};
    TimePoint moved_{}; ///< when something was last seen to have been copied
};

} // namespace lvmpolld
