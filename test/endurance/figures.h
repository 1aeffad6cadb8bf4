// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the process has at one point of a cycle, and whether that is the same at that point of every
// cycle. Descriptors and threads have to be equal. Two figures tell a leak of memory:
//
//   - What lives belongs to this cycle or the one before, or was there from the start. No object
//     has to survive two cycles but the buffers that grow to the largest use they ever had.
//   - Live bytes do not rise. They cannot be equal: how many requests a read finds in a socket, and
//     so a buffer's size, is chance, and so are the lengths of the results that stay readable. The
//     median over the later half of the cycles may lie above that over the earlier one by
//     `heap_slack`. A byte lost for each operation would be 10,000 in each cycle.
#pragma once

#include "heap.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lvmpolld::endurance {

struct Figures {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t objects = 0;
    std::size_t bytes = 0;
    std::size_t survivors = 0; ///< objects from an earlier cycle than the last one

    /// Of this process, now.
    static Figures now();

    std::string text() const;
};

/// Of one point, in the order of the cycles.
class Series {
public:
    /// Bytes, and one in a thousand.
    static constexpr std::size_t heap_slack = 4096;
    static constexpr std::size_t most_survivors = 32;
    /// The first cycles, in which threads start and buffers get their size.
    static constexpr std::size_t warm_up = 2;

    explicit Series(std::string point) : point_(std::move(point)) {
        figures_.reserve(heap::most_generations); // it is itself on the heap that it measures
    }

    void add(const Figures& figures) { figures_.push_back(figures); }

    /// What is not equal; empty if all is.
    std::string problem() const;

    std::string text() const;

private:
    std::string point_;
    std::vector<Figures> figures_;
};

} // namespace lvmpolld::endurance
