// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/kernel.h"
#include "polling/copy_errors.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace lvmpolld {

/// Whether the segment that is being copied, or was copied last, can be trusted. Monitor thread.
class CopySuspicion {
public:
    explicit CopySuspicion(CopyErrors& errors) : errors_(errors) {}

    /// Takes in what a look at the device has shown.
    void see(const dm::Copy& copy);

    /// lvpoll is about to commit the segment: what happens from here on may concern the next one.
    void begin_step(const dm::Copy& copy) { at_step_ = AtStep{copy.legs, errors_.baseline(copy.legs)}; }

    /// Asks the sources once more. From then on suspected() tells what came out.
    bool examine(const dm::Copy& copy);

    /// What examine() has found of this segment.
    bool suspected() const noexcept { return segment_ && segment_->suspected; }

    /// The legs were compared and are equal.
    void clear();

    /// Whether they were, since the segment was last suspected.
    bool verified() const noexcept { return segment_ && segment_->verified; }

private:
    struct Segment {
        std::uint64_t start;
        CopyErrors::Evidence before; ///< its copy is suspect if the evidence is another one at the end
        bool unhealthy = false;
        bool suspected = false;
        bool verified = false;
        std::optional<CopyErrors::Evidence> examined{};
    };

    struct AtStep {
        std::vector<dm::Leg> legs;
        CopyErrors::Evidence evidence;
    };

    Segment next_segment(const dm::Copy& copy);

    CopyErrors& errors_;
    std::optional<Segment> segment_;
    std::optional<AtStep> at_step_;
};

} // namespace lvmpolld
