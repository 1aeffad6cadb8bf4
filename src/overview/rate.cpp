// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/rate.h"

#include <algorithm>

namespace lvmpolld::overview {

namespace {

constexpr Rate::Time spacing = Rate::window / 10;

double seconds(Rate::Time time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

void Rate::sample(Time now, std::uint64_t done) {
    if (count_ > 0 && done < from_end(0).done)
        count_ = 0;
    // The last sample is replaced as long as it is near the one before it.
    const bool near = count_ >= 2 && from_end(0).at - from_end(1).at < spacing;
    if (near)
        --count_;
    else if (count_ == samples_.size())
        drop_first();
    samples_[count_++] = {now, done};
    while (count_ > fewest && now - samples_[1].at >= window)
        drop_first();
}

void Rate::drop_first() {
    std::shift_left(samples_.begin(), samples_.end(), 1);
    --count_;
}

std::optional<std::uint64_t> Rate::bytes_per_second() const {
    if (count_ < 2)
        return std::nullopt;
    const auto& first = samples_.front();
    const auto& last = from_end(0);
    const auto elapsed = last.at - first.at;
    if (elapsed <= Time{} || (count_ < fewest && elapsed < window))
        return std::nullopt;
    return static_cast<std::uint64_t>(static_cast<double>(last.done - first.done) /
                                      seconds(elapsed));
}

std::optional<Rate::Time> Rate::time_for(std::uint64_t left) const {
    const auto rate = bytes_per_second();
    if (!rate || *rate == 0)
        return std::nullopt;
    constexpr double longest = 1e9; // 31 years
    const auto time = std::min(static_cast<double>(left) / static_cast<double>(*rate), longest);
    return std::chrono::duration_cast<Time>(std::chrono::duration<double>(time));
}

} // namespace lvmpolld::overview
