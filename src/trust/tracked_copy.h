// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/copy.h"
#include "trust/trust.h"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld {

/// What speaks for and against the copy of one LV: the segment that is being copied or was copied
/// last. All operations on the LV share it. Monitor thread.
///
/// A segment is suspect if a leg was unhealthy, if the evidence is another one than before its copy
/// began, or if it is on the written list. Equal legs clear it for as long as it stays in sync on
/// the same legs: recovery errors that are heard later concern another mirror.
class TrackedCopy {
public:
    TrackedCopy(Trust& trust, std::string lvid) : trust_(trust), lvid_(std::move(lvid)) {}

    ~TrackedCopy() { trust_.untrack(lvid_); }

    TrackedCopy(const TrackedCopy&) = delete;
    TrackedCopy& operator=(const TrackedCopy&) = delete;

    /// Takes in what a look at the device has shown.
    void see(const dm::Copy& copy);

    /// lvpoll is about to commit the copy seen last: what is heard from here on may concern the
    /// next segment. There must be one.
    void begin_step() { at_step_ = AtStep{segment_->legs, trust_.errors.baseline(segment_->legs)}; }

    /// What is seen next may be another copy, of the same LV: it has not been verified. What speaks
    /// against this one counts on, since other operations, or this one, may still be about it.
    void forget() {
        if (segment_)
            segment_->verified = false;
    }

    /// The answer for the copy seen last; `can_compare`: it is seen now, in sync, by a daemon that
    /// watches. If not, the answer is about a resident lvpoll, which commits all later segments as
    /// well.
    Verdict verdict(bool can_compare);

    /// Something speaks against the segment seen last.
    bool is_suspect();

    /// The legs of this copy, which is seen now, are equal.
    void accept(const dm::Copy& copy);

    /// It was refused: it stays suspect until its legs are equal, whoever asks again.
    void refuse();

    /// Compares the legs, or joins the comparison that runs; null without a slot, for which `owner`
    /// is woken. Throws std::system_error if threads are scarce.
    std::shared_ptr<Comparison> compare(const asio::any_io_executor& executor, const dm::Copy& copy,
                                        const void* owner, const std::function<void()>& wake);

    /// How far a comparison that runs is, in bytes of each leg; nothing if none does.
    std::optional<Progress> comparison_progress() const {
        const auto comparison = comparison_.lock();
        if (!comparison || comparison->outcome())
            return std::nullopt;
        return comparison->progress();
    }

private:
    struct Segment {
        std::string uuid;
        std::uint64_t start;
        std::vector<dm::Leg> legs;
        CopyErrors::Evidence before; ///< it is suspect if the evidence is another one at the end
        Lasts lasts = Lasts::with_lv;
        bool distrusted = false; ///< an unhealthy leg was seen, or it is on the list
        bool verified = false;
    };

    struct AtStep {
        std::vector<dm::Leg> legs;
        CopyErrors::Evidence evidence;
    };

    Segment first_segment(const dm::Copy& copy);
    Segment next_segment(const dm::Copy& copy);

    CopyIdentity identity() const { return {segment_->uuid, segment_->start}; }

    Trust& trust_;
    const std::string lvid_;
    std::optional<Segment> segment_;
    std::optional<AtStep> at_step_;
    std::weak_ptr<Comparison> comparison_;
    std::vector<std::function<void()>> waiting_; ///< for its end
};

} // namespace lvmpolld
