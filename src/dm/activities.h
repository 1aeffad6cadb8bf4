// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/activity.h"
#include "dm/control.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::dm {

/// Something long that the kernel does, with the physical volumes that it concerns.
struct Sighting {
    Activity activity{};
    std::vector<std::string> reads_from{}; ///< paths
    std::vector<std::string> writes_to{};
    bool operator==(const Sighting&) const = default;
};

/// Looks for everything long that the kernel does for any LV of this host. One thread at a time;
/// never waits for I/O.
class Activities {
public:
    /// Throws std::system_error if device-mapper is not there or may not be asked.
    Activities() : control_(Control::open()) {}

    /// What goes on now. One ioctl for each device of LVM, two more for those that do something
    /// long. Throws std::system_error.
    std::vector<Sighting> scan();

private:
    struct Volumes {
        std::string table; ///< that they were found for
        std::vector<std::string> reads_from;
        std::vector<std::string> writes_to;
    };

    using ByUuid = std::map<std::string, Volumes>;

    std::optional<Sighting> look(const std::string& name, ByUuid& volumes);
    bool is_layered(const Activity& activity);
    std::vector<std::string> physical_volumes(const std::vector<dev_t>& devices);
    void add_physical_volumes(dev_t device, int depth, std::vector<std::string>& paths);

    Control control_;
    ByUuid volumes_; ///< of the last scan: those of a table stay the same
};

} // namespace lvmpolld::dm
