// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/tracker.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::ctl {

/// The operations in the dump of a daemon, lvm2's own above all, which tells no more. An identity
/// keeps its number from one dump to the next. Pure.
class DumpReader {
public:
    struct Operation {
        PollRequest request{};
        RecordNumber number = 0;
        lvmpolld::Operation::Snapshot state{};
    };

    /// Nothing if it is no dump. Operations that are not understood are left out.
    std::optional<std::vector<Operation>> read(std::string_view dump);

private:
    RecordNumber number_of(const std::string& identity, bool abort);

    std::map<std::string, RecordNumber, std::less<>> numbers_;
    RecordNumber last_number_ = 0;
};

} // namespace lvmpolld::ctl
