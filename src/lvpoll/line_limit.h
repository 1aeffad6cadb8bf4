// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Which lines of an lvpoll are shown: the first limits::output_lines_per_second of each second. A
/// flood would cost the daemon its time, and the journal everybody's messages. What is left out is
/// counted, and the last of it kept: the reason of a failure is there. `Line` is what the caller
/// keeps of a line. Pure.
template <class Line>
class LineLimit {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    struct LeftOut {
        std::uint64_t count = 0;  ///< of those that count
        std::vector<Line> last{}; ///< of all, the newest at the end
    };

    /// Whether a line that comes now is shown. If not, leave_out() it.
    bool shows(TimePoint now) noexcept {
        using namespace std::chrono_literals;
        if (now - second_ >= 1s) {
            second_ = now;
            shown_ = 0;
        }
        return shown_++ < limits::output_lines_per_second;
    }

    /// `counts`: somebody would have read it.
    void leave_out(Line line, bool counts) {
        left_out_.count += counts ? 1 : 0;
        if (left_out_.last.size() == limits::shown_output_lines)
            left_out_.last.erase(left_out_.last.begin());
        left_out_.last.push_back(std::move(line));
    }

    /// What was left out since the last call.
    LeftOut take_left_out() noexcept { return std::exchange(left_out_, {}); }

private:
    TimePoint second_{};
    std::uint64_t shown_ = 0;
    LeftOut left_out_;
};

} // namespace lvmpolld
