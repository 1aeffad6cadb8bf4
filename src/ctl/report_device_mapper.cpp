// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/report_device_mapper.h"

#include "ctl/report_part.h"
#include "dm/control.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace lvmpolld::ctl {

namespace {

constexpr std::array<std::string_view, 9> copying{"mirror",          "raid",           "snapshot",
                                                  "snapshot-origin", "snapshot-merge", "cache",
                                                  "writecache",      "clone",          "error"};

bool copies(const dm::Table& table) {
    return std::ranges::any_of(table.targets, [](const dm::Target& target) {
        return std::ranges::find(copying, target.type) != copying.end();
    });
}

void show(ReportPart& part, const char* what, const dm::Table& table) {
    for (const auto& target : table.targets)
        part.say(std::string("  ") + what + ": " + std::to_string(target.start) + " " +
                 std::to_string(target.length) + " " + target.type + " " + target.parameters);
}

} // namespace

ReportSection device_mapper_section() {
    ReportPart part("device-mapper");
    part.attempt([&] {
        auto control = dm::Control::open();
        const auto& version = control.version();
        const auto devices = control.list();
        part.say("interface " + std::to_string(version.major) + "." +
                 std::to_string(version.minor) + "." + std::to_string(version.patch) + ", " +
                 std::to_string(devices.size()) + " devices; those that copy:");
        for (const auto& entry : devices) {
            const auto key = dm::Key::name(entry.name);
            const auto table = control.table(key);
            if (!table || !copies(*table))
                continue;
            part.say(entry.name + " " + table->device.uuid + ", event " +
                     std::to_string(table->device.event_number));
            show(part, "table", *table);
            if (const auto status = control.status(key))
                show(part, "status", *status);
        }
    });
    return std::move(part).take();
}

void add_mapped_names(Pseudonyms& names) {
    try {
        auto control = dm::Control::open();
        for (const auto& entry : control.list()) {
            const auto device = control.device(dm::Key::name(entry.name));
            names.add_mapped(entry.name, device && device->uuid.starts_with("LVM-"));
        }
    } catch (const std::system_error&) { // then the report has none of them, either
    }
}

} // namespace lvmpolld::ctl
