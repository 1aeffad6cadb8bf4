// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the process has at one point of a cycle, and whether that is the same at that point of every
// cycle. Descriptors and threads have to be equal. Live heap bytes are equal but for what is
// allocated ahead or kept for the next use: Asio keeps the last block of a handler on each thread,
// and the results that stay readable for those who watch are not of equal length. So they may
// differ by `heap_slack`, and must not rise: a byte lost for each operation would be 10,000 in each
// cycle.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lvmpolld::endurance {

struct Figures {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t objects = 0;
    std::size_t bytes = 0;

    /// Of this process, now.
    static Figures now();

    std::string text() const;
};

/// Of one point, in the order of the cycles.
class Series {
public:
    static constexpr std::size_t heap_slack = 4096;
    /// The first cycles, in which threads start and buffers get their size.
    static constexpr std::size_t warm_up = 2;

    explicit Series(std::string point) : point_(std::move(point)) {}

    void add(const Figures& figures) { figures_.push_back(figures); }

    /// What is not equal; empty if all is.
    std::string problem() const;

    std::string text() const;

private:
    std::string point_;
    std::vector<Figures> figures_;
};

} // namespace lvmpolld::endurance
