// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "verify/leg_reader.h"
#include "verify/settlement.h"

#include <chrono>
#include <utility>
#include <vector>

namespace lvmpolld::verify {

/// How long a reader that is given up is waited for, so that its leg is closed in the usual case. A
/// read that takes longer, because its disk hangs, is left to itself.
inline constexpr std::chrono::milliseconds time_for_reads_to_end{500};

/// The contents of the sectors in `bytes`.
std::vector<Content> contents_of(Bytes bytes);

/// The ReadBlock that reads disks, each leg on a thread of its own. Throws std::system_error if
/// threads are scarce. A stop ends it within time_for_reads_to_end.
class BlockReader {
public:
    explicit BlockReader(Legs legs) : legs_(std::move(legs)) {}

    BlockReadings operator()(std::uint64_t position, std::size_t length,
                             std::chrono::milliseconds duration, const std::stop_token& stop) const;

private:
    struct Job;
    Legs legs_;
};

} // namespace lvmpolld::verify
