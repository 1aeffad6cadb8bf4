// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/copy_suspicion.h"

#include <algorithm>

namespace lvmpolld {

namespace {

bool same_disks(const std::vector<dm::Leg>& a, const std::vector<dm::Leg>& b) {
    return std::ranges::equal(a, b, {}, &dm::Leg::device, &dm::Leg::device);
}

} // namespace

void CopySuspicion::see(const dm::Copy& copy) {
    if (!segment_) {
        // Its copying began before we looked: whatever the kernel's log still has may concern it.
        auto before = errors_.gather(copy.legs);
        before.messages = 0;
        segment_ = Segment{.start = copy.segment_start, .before = before};
    } else if (segment_->start != copy.segment_start) {
        segment_ = next_segment(copy);
    }
    segment_->unhealthy = segment_->unhealthy || copy.unhealthy;
}

CopySuspicion::Segment CopySuspicion::next_segment(const dm::Copy& copy) {
    auto before = errors_.baseline(copy.legs);
    if (at_step_) {
        before.messages = std::min(before.messages, at_step_->evidence.messages);
        if (same_disks(at_step_->legs, copy.legs))
            before.disk_errors = at_step_->evidence.disk_errors;
    }
    return Segment{.start = copy.segment_start, .before = before};
}

bool CopySuspicion::examine(const dm::Copy& copy) {
    const auto evidence = errors_.gather(copy.legs);
    segment_->suspected = segment_->unhealthy || evidence != segment_->before;
    if (segment_->suspected)
        segment_->verified = false;
    segment_->examined = evidence;
    return segment_->suspected;
}

void CopySuspicion::clear() {
    segment_->before = segment_->examined.value_or(segment_->before);
    segment_->unhealthy = false;
    segment_->suspected = false;
    segment_->verified = true;
}

} // namespace lvmpolld
