// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/tracked_copy.h"

#include <algorithm>

namespace lvmpolld {

namespace {

bool same_disks(const std::vector<dm::Leg>& a, const std::vector<dm::Leg>& b) {
    return std::ranges::equal(a, b, {}, &dm::Leg::device, &dm::Leg::device);
}

} // namespace

void TrackedCopy::see(const dm::Copy& copy) {
    if (!segment_)
        segment_ = first_segment(copy);
    else if (segment_->start != copy.segment_start)
        segment_ = next_segment(copy);
    auto& segment = *segment_;
    segment.verified = segment.verified && copy.complete && segment.legs == dm::legs(copy);
    segment.legs = dm::legs(copy);
    segment.lasts = dm::ends_with_device(copy) ? Lasts::with_device : Lasts::with_lv;
    trust_.suspects.erase_others(identity()); // committed, or begun anew
    segment.distrusted =
        segment.distrusted || dm::is_unhealthy(copy) || trust_.suspects.contains(identity());
    if (is_suspect()) // another operation, or a later daemon, may find nothing of it any more
        trust_.suspects.insert(identity(), segment_->lasts);
}

TrackedCopy::Segment TrackedCopy::first_segment(const dm::Copy& copy) {
    // Its copying began before this process looked: whatever error the kernel's log still has may
    // concern it, and what was lost just now. What was lost earlier cannot be told from what was
    // overwritten before this process began to read.
    auto before = trust_.errors.baseline(dm::legs(copy));
    before.errors = 0;
    return {
        .uuid = copy.uuid, .start = copy.segment_start, .legs = dm::legs(copy), .before = before};
}

TrackedCopy::Segment TrackedCopy::next_segment(const dm::Copy& copy) {
    auto before = trust_.errors.baseline(dm::legs(copy));
    if (at_step_) {
        before.errors = std::min(before.errors, at_step_->evidence.errors);
        before.losses = std::min(before.losses, at_step_->evidence.losses);
        if (same_disks(at_step_->legs, dm::legs(copy)))
            before.disk_errors = at_step_->evidence.disk_errors;
    }
    return {
        .uuid = copy.uuid, .start = copy.segment_start, .legs = dm::legs(copy), .before = before};
}

bool TrackedCopy::is_suspect() {
    return segment_ && !segment_->verified &&
           (segment_->distrusted || trust_.errors.gather(segment_->legs) != segment_->before);
}

Verdict TrackedCopy::verdict(bool can_compare) {
    if (!segment_)
        return trust_.verdict_of_unseen(lvid_);
    if (trust_.policy == Verify::never)
        return Verdict::commit;
    const bool always = trust_.policy == Verify::always;
    if (segment_->verified ? can_compare || !always : !always && !is_suspect())
        return Verdict::commit;
    return can_compare ? Verdict::compare : Verdict::refuse;
}

void TrackedCopy::accept(const dm::Copy& copy) {
    see(copy);
    segment_->verified = true;
    segment_->distrusted = false;
    segment_->before = trust_.errors.gather(segment_->legs);
    trust_.suspects.erase(identity());
}

void TrackedCopy::refuse() {
    if (segment_)
        trust_.suspects.insert(identity(), segment_->lasts);
}

std::shared_ptr<Comparison> TrackedCopy::compare(const asio::any_io_executor& executor,
                                                 const dm::Copy& copy, const void* owner,
                                                 const std::function<void()>& wake) {
    auto comparison = comparison_.lock();
    const bool joins = comparison && !comparison->outcome() && comparison->is_of(copy);
    if (!joins) {
        auto slot = trust_.slots.take(lvid_, owner, wake);
        if (!slot)
            return nullptr;
        comparison = std::make_shared<Comparison>(
            executor, trust_.compare, trust_.run, copy, std::move(*slot), [this] {
                if (const auto ended = comparison_.lock())
                    trust_.statistics->bytes_compared.add(ended->progress().copied);
                for (const auto& each : std::exchange(waiting_, {}))
                    each();
            });
        comparison_ = comparison;
        trust_.statistics->comparisons.add();
    }
    waiting_.push_back(wake);
    return comparison;
}

} // namespace lvmpolld
