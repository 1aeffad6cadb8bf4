// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/kernel.h"
#include "trust/copy_errors.h"

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

    /// Something else speaks against the segment seen last.
    void distrust() { segment_->unhealthy = true; }

    /// lvpoll is about to commit the segment: what happens from here on may concern the next one.
    void begin_step(const dm::Copy& copy) { at_step_ = AtStep{copy.legs, errors_.baseline(copy.legs)}; }

    /// What is seen next may be another copy, of the same LV.
    void forget() { segment_.reset(); }

    /// Asks the sources once more: whether anything speaks against the segment as it was last seen.
    bool is_suspect();

    /// The legs were compared after the copy was complete, and are equal.
    void clear() { segment_->verified = true; }

    /// Whether they were: then nothing that is heard later concerns this copy.
    bool is_verified() const noexcept { return segment_ && segment_->verified; }

private:
    struct Segment {
        std::uint64_t start;
        std::vector<dm::Leg> legs;
        CopyErrors::Evidence before; ///< its copy is suspect if the evidence is another one at the end
        bool unhealthy = false;
        bool verified = false;
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
