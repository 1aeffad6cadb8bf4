// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/simulated_kernel.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace lvmpolld {

/// The simulated kernel, with hooks for what happens between two questions. A caller that asks on
/// and on without ever waiting fails the test, and is stopped by an exception.
class HookedKernel final : public dm::Kernel {
public:
    explicit HookedKernel(dm::SimulatedKernel& kernel) : kernel_(kernel) {}

    std::function<void()> before_arm;
    std::function<void()> after_look;
    std::function<void()> before_lvid_of;

    /// The caller has waited.
    void allow_more_questions() { questions_ = 0; }

    bool can_watch() override { return kernel_.can_watch(); }

    int event_descriptor() const override { return kernel_.event_descriptor(); }

    void arm() override {
        if (before_arm)
            before_arm();
        kernel_.arm();
    }

    dm::View look(std::string_view lvid, OperationType type) override {
        constexpr unsigned too_many = 1000;
        if (++questions_ > too_many) {
            ADD_FAILURE() << "the kernel is asked without a pause";
            throw std::logic_error("the kernel is asked without a pause");
        }
        auto view = kernel_.look(lvid, type);
        if (after_look)
            after_look();
        return view;
    }

    std::optional<std::uint32_t> event_number(std::string_view uuid) override {
        return kernel_.event_number(uuid);
    }

    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override {
        if (before_lvid_of)
            before_lvid_of();
        return kernel_.lvid_of(vg, lv);
    }

    std::string obstacle() const override { return kernel_.obstacle(); }

    std::vector<dm::ActiveLv> active_lvs() override { return kernel_.active_lvs(); }

private:
    dm::SimulatedKernel& kernel_;
    unsigned questions_ = 0;
};

} // namespace lvmpolld
