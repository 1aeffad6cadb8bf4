// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/control.h"
#include "dm/examine.h"
#include "dm/kernel.h"

namespace lvmpolld::dm {

/// The real kernel. A question costs one or two ioctls by UUID, however many devices there are;
/// only an LV that isn't where LVM puts it makes it read the list of all devices.
class ControlKernel final : public Kernel {
public:
    bool can_watch() override;

    std::string obstacle() const override { return obstacle_; }

    int event_descriptor() const override;
    void arm() override;
    View look(std::string_view lvid, OperationType type) override;
    std::optional<std::uint32_t> event_number(std::string_view uuid) override;
    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override;
    std::vector<ActiveLv> active_lvs() override;

private:
    using Examine = std::optional<View> (*)(const Table& status, const Table& table);

    View look_for_mirror(std::string_view lvid);
    View look_at(std::string_view uuid, Examine examine);
    View look_at_mirror(std::string_view uuid);
    bool is_layered(const Copy& copy);
    std::optional<std::string> find_unusual(std::string_view lvid);

    std::optional<Control> control_;
    std::string obstacle_;
};

} // namespace lvmpolld::dm
