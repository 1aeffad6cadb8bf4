// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/observation.h"

#include <algorithm>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::duration<double> shortest_pause = 200ms;

} // namespace

void Observation::see(const dm::Copy& copy, Clock::TimePoint now) {
    see(Names{copy.vg, copy.lv});
    suspicion_.see(copy);
    latest_ = copy;
    if (watching_.suspects.contains(identity()))
        suspicion_.distrust();
    else if (copy.is_mirror() &&
             is_suspect()) // the next daemon, or another operation on the LV, may find nothing of it any more
        watching_.suspects.insert(identity());
    if (!origin_)
        origin_ = Origin{copy, now};
}

void Observation::forget_copy() {
    suspicion_.forget();
    origin_.reset();
}

Clock::TimePoint Observation::next_look(Clock::TimePoint now, std::chrono::seconds longest) const {
    if (latest_.is_mirror()) // its end is an event
        return now + longest;
    const auto first = dm::progress(origin_->copy, origin_->copy);
    const auto here = progress();
    const auto done = static_cast<double>(here.copied - std::min(first.copied, here.copied));
    const auto left = static_cast<double>(here.total - std::min(here.copied, here.total));
    const std::chrono::duration<double> elapsed = now - origin_->time;
    const auto half = done > 0 ? elapsed * (left / done / 2) : shortest_pause;
    const auto pause = std::clamp<std::chrono::duration<double>>(half, shortest_pause, longest);
    return now + std::chrono::duration_cast<Clock::TimePoint::duration>(pause);
}

void Observation::set_verified() {
    suspicion_.clear();
    watching_.suspects.erase(identity());
}

bool Observation::may_be_committed() {
    return watching_.verify == Verify::never ||
           (!is_suspect() && (watching_.verify == Verify::suspect || suspicion_.is_verified()));
}

} // namespace lvmpolld
