// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "base/file_descriptor.h"
#include "dm/kernel.h"
#include "virtual_time.h"
#include "volumes.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::simulation {

/// Faults of device-mapper, each until a time.
struct KernelFaults {
    Time fails_until{};   ///< no memory for an answer
    Time strange_until{}; ///< a target that nobody knows
    Time missing_until{}; ///< no device-mapper
    Time lost_until{};    ///< nobody is told of events
    Time late_until{};
    Time doubled_until{};
};

/// Device-mapper as the daemon asks it, over the true volumes. One for each daemon.
class SimulatedKernel final : public dm::Kernel {
public:
    using Looked = std::function<void(std::string_view lvid)>;

    /// `looked` is called at each look, which fails if it throws; `armed` when the daemon has begun
    /// to listen.
    SimulatedKernel(Volumes& volumes, const KernelFaults& faults, Looked looked,
                    std::function<void()> armed)
        : volumes_(volumes), faults_(faults), looked_(std::move(looked)), armed_(std::move(armed)) {
    }

    /// An event of some device.
    void raise();

    bool can_watch() override { return now() >= faults_.missing_until; }

    std::string obstacle() const override { return "no device-mapper"; }

    int event_descriptor() const override { return events_.get(); }

    void arm() override;
    dm::View look(std::string_view lvid, OperationType type) override;
    std::optional<std::uint32_t> event_number(std::string_view uuid) override;
    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override;
    std::vector<dm::ActiveLv> active_lvs() override;

private:
    void answer() const;

    Volumes& volumes_;
    const KernelFaults& faults_;
    const Looked looked_;
    const std::function<void()> armed_;
    FileDescriptor events_ = make_events();

    static FileDescriptor make_events();
};

/// What the kernel shows of the copy; it must not be over.
dm::Copy view_of(const Volume& volume);

} // namespace lvmpolld::simulation
