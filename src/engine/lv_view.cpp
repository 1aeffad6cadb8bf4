// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/lv_view.h"

#include <algorithm>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::duration<double> shortest_sample = 200ms;

/// A copy with an unhealthy leg that has not moved for so long will not move any more.
constexpr auto stuck_after = 10s;

} // namespace

void LvView::take(dm::View view, TimePoint now) {
    left_behind_ = false;
    active_ = !std::holds_alternative<dm::Inactive>(view);
    if (auto* copy = std::get_if<dm::Copy>(&view))
        return take_copy(std::move(*copy), now);
    seen_ = Seen::nothing;
    if (auto* idle = std::get_if<dm::NotCopying>(&view)) {
        names_ = {std::move(idle->vg), std::move(idle->lv)};
        left_behind_ = idle->left_behind;
    } else if (auto* strange = std::get_if<dm::Unwatchable>(&view)) {
        seen_ = Seen::strange;
        problem_ = std::move(strange->reason);
    }
}

void LvView::take_copy(dm::Copy copy, TimePoint now) {
    names_ = {copy.vg, copy.lv};
    if (!copy_ || copy_->copied != copy.copied || copy_->total != copy.total)
        moved_ = now;
    if (!copy_) {
        first_total_ = copy.total;
        first_ = dm::progress(copy.total, copy);
        first_time_ = now;
    }
    if (copy.complete || copy.failed)
        seen_ = Seen::complete;
    else
        seen_ = dm::is_unhealthy(copy) && now - moved_ >= stuck_after ? Seen::stuck : Seen::copying;
    copy_ = std::move(copy);
}

void LvView::take_failure(std::string what) {
    seen_ = Seen::failed;
    problem_ = std::move(what);
}

LvView::TimePoint LvView::next_look(TimePoint now, const dm::Kind& kind,
                                    std::chrono::seconds longest) const {
    if (kind.event_at_end)
        return now + (dm::is_unhealthy(*copy_)
                          ? std::min<std::chrono::seconds>(longest, stuck_after)
                          : longest);
    const auto here = progress();
    const auto done = static_cast<double>(here.copied - std::min(first_.copied, here.copied));
    const auto left = static_cast<double>(here.total - std::min(here.copied, here.total));
    const std::chrono::duration<double> elapsed = now - first_time_;
    const auto half = done > 0 ? elapsed * (left / done / 2) : shortest_sample;
    const auto pause = std::clamp<std::chrono::duration<double>>(half, shortest_sample, longest);
    return now + std::chrono::duration_cast<TimePoint::duration>(pause);
}

} // namespace lvmpolld
