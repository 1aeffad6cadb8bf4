// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/copy_suspicion.h"

#include <algorithm>

namespace lvmpolld {

namespace {

bool same_disks(const std::vector<dm::Leg>& a, const std::vector<dm::Leg>& b) {
    return std::ranges::equal(a, b, {}, &dm::Leg::device, &dm::Leg::device);
}

} // namespace

void CopySuspicion::see(const dm::Copy& copy) {
    if (!segment_) {
        // Its copying began before we looked: whatever error the kernel's log still has may concern it. What
        // was lost before can't be told from what was overwritten before this process began to read.
        auto before = errors_.gather(copy.legs);
        before.errors = 0;
        segment_ = Segment{.start = copy.segment_start, .legs = copy.legs, .before = before};
    } else if (segment_->start != copy.segment_start) {
        segment_ = next_segment(copy);
    }
    segment_->verified = segment_->verified && copy.complete && segment_->legs == copy.legs;
    segment_->unhealthy = segment_->unhealthy || copy.unhealthy;
    segment_->legs = copy.legs;
}

CopySuspicion::Segment CopySuspicion::next_segment(const dm::Copy& copy) {
    auto before = errors_.baseline(copy.legs);
    if (at_step_) {
        before.errors = std::min(before.errors, at_step_->evidence.errors);
        before.losses = std::min(before.losses, at_step_->evidence.losses);
        if (same_disks(at_step_->legs, copy.legs))
            before.disk_errors = at_step_->evidence.disk_errors;
    }
    return Segment{.start = copy.segment_start, .legs = copy.legs, .before = before};
}

bool CopySuspicion::is_suspect() {
    return segment_ && !segment_->verified &&
           (segment_->unhealthy || errors_.gather(segment_->legs) != segment_->before);
}

} // namespace lvmpolld
