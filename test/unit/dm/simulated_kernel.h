// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "base/file_descriptor.h"
#include "dm/kernel.h"
#include "dm/name.h"

#include <sys/eventfd.h>
#include <sys/sysmacros.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld::dm {

/// A kernel for tests of what stands above it: views are put in by LVID, and every change raises an
/// event as the real one would.
class SimulatedKernel final : public Kernel {
public:
    /// A mirror of `segment_length` sectors at `segment_start` in a device of `total` ones, of
    /// which `copied` are done.
    static Copy mirror(std::string_view lvid, std::string vg, std::string lv, std::uint64_t copied,
                       std::uint64_t total, std::uint64_t segment_start,
                       std::uint64_t segment_length) {
        Copy copy;
        copy.dm_name = dm::dm_name(vg, lv);
        copy.vg = std::move(vg);
        copy.lv = std::move(lv);
        copy.uuid = dm_uuid(lvid);
        copy.segment_start = segment_start;
        copy.segment_length = segment_length;
        copy.copied = copied;
        copy.total = total;
        copy.complete = copied == segment_start + segment_length;
        copy.target = Mirror{
            .legs = {{makedev(7, 0), 2048 + segment_start}, {makedev(7, 1), 2048 + segment_start}},
            .health = "AA",
            .in_memory = true};
        return copy;
    }

    /// A merge with `remaining` sectors to go.
    static Copy merge(std::string_view lvid, std::string vg, std::string lv,
                      std::uint64_t remaining, dev_t cow = makedev(7, 2)) {
        Copy copy;
        copy.dm_name = dm::dm_name(vg, lv);
        copy.vg = std::move(vg);
        copy.lv = std::move(lv);
        copy.uuid = dm_uuid(lvid);
        copy.total = remaining;
        copy.complete = remaining == 0;
        copy.target = Merge{cow};
        return copy;
    }

    /// The kernel is in this state from now on; raises an event and counts it up.
    void set(const std::string& lvid, View view) {
        quietly_set(lvid, std::move(view));
        raise(lvid);
    }

    /// The same without an event: progress, a merge's end, a lost event.
    void quietly_set(const std::string& lvid, View view) { devices_[lvid].view = std::move(view); }

    /// An event of this device.
    void raise(const std::string& lvid) {
        ++devices_[lvid].events;
        raise();
    }

    /// An event of some other device.
    void raise() {
        if (::eventfd_write(events_.get(), 1) != 0)
            throw_errno("eventfd_write");
    }

    /// Device-mapper is not there from now on, or is again.
    void set_available(bool available) { available_ = available; }

    /// From now on each question fails with this errno value; 0: none does.
    void fail_with(int error) { error_ = error; }

    unsigned looks() const { return looks_; }

    unsigned arms() const { return arms_; }

    bool can_watch() override { return available_; }

    int event_descriptor() const override { return events_.get(); }

    void arm() override {
        maybe_fail();
        ++arms_;
        eventfd_t count;
        ::eventfd_read(events_.get(), &count);
    }

    View look(std::string_view lvid, OperationType type) override {
        if (!available_)
            throw std::logic_error("asked without device-mapper");
        ++looks_;
        maybe_fail();
        if (type == OperationType::merge_thin)
            return Unwatchable{"thin"};
        const auto found = devices_.find(std::string(lvid));
        if (found == devices_.end())
            return Inactive{};
        View view = found->second.view;
        if (auto* copy = std::get_if<Copy>(&view))
            copy->event_number = found->second.events;
        return view;
    }

    std::optional<std::uint32_t> event_number(std::string_view uuid) override {
        maybe_fail();
        for (const auto& [lvid, device] : devices_)
            if (!std::holds_alternative<Inactive>(device.view) && uuid == dm_uuid(lvid))
                return device.events;
        return std::nullopt;
    }

    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override {
        maybe_fail();
        for (const auto& [lvid, device] : devices_)
            if (has_name(device.view, vg, lv))
                return lvid;
        return std::nullopt;
    }

    std::string obstacle() const override { return "no device-mapper"; }

    std::vector<ActiveLv> active_lvs() override {
        maybe_fail();
        std::vector<ActiveLv> result;
        for (const auto& [lvid, device] : devices_) {
            if (const auto* copy = std::get_if<Copy>(&device.view))
                result.push_back({lvid, copy->vg, copy->lv});
            else if (const auto* idle = std::get_if<NotCopying>(&device.view))
                result.push_back({lvid, idle->vg, idle->lv});
        }
        return result;
    }

private:
    struct SimulatedDevice {
        View view;
        std::uint32_t events = 0;
    };

    static bool has_name(const View& view, std::string_view vg, std::string_view lv) {
        if (const auto* copy = std::get_if<Copy>(&view))
            return copy->vg == vg && copy->lv == lv;
        const auto* idle = std::get_if<NotCopying>(&view);
        return idle != nullptr && idle->vg == vg && idle->lv == lv;
    }

    void maybe_fail() const {
        if (error_ != 0)
            throw_errno("simulated kernel", error_);
    }

    static FileDescriptor make_events() {
        FileDescriptor descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!descriptor)
            throw_errno("eventfd");
        return descriptor;
    }

    FileDescriptor events_ = make_events();
    std::map<std::string, SimulatedDevice> devices_;
    bool available_ = true;
    int error_ = 0;
    unsigned looks_ = 0;
    unsigned arms_ = 0;
};

} // namespace lvmpolld::dm
