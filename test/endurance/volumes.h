// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "base/file_descriptor.h"
#include "dm/kernel.h"

#include <sys/eventfd.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::endurance {

/// LV number 17 of VG number 1 has the LVID 000…0017 and is called vg0001/pvmove00017.
std::string lvid_of(std::size_t lv);
std::string vg_name(std::size_t vg);
std::string lv_name(std::size_t lv);

/// What the kernel does for a number of LVs, each of them in a move of one segment. A question
/// costs the same whatever their number. Monitor thread.
class Volumes final : public dm::Kernel {
public:
    Volumes(std::size_t count, std::size_t per_vg);

    std::size_t count() const noexcept { return lvs_.size(); }

    /// All are copied from now on.
    void begin_all();

    /// All are in sync, and one event says so.
    void complete_all();

    /// This move is committed, or its LV deactivated: the device is gone.
    void remove(std::string_view lvid);

    bool can_watch() override { return true; }

    std::string obstacle() const override { return {}; }

    int event_descriptor() const override { return events_.get(); }

    void arm() override;
    dm::View look(std::string_view lvid, OperationType type) override;
    std::optional<std::uint32_t> event_number(std::string_view uuid) override;
    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override;
    std::vector<dm::ActiveLv> active_lvs() override;

private:
    enum class State : std::uint8_t { inactive, copying, in_sync };

    struct Lv {
        State state = State::inactive;
        std::uint32_t events = 0;
    };

    void raise();

    const std::size_t per_vg_;
    std::vector<Lv> lvs_;
    FileDescriptor events_;
};

} // namespace lvmpolld::endurance
