// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "virtual_time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lvmpolld::simulation {

/// The kernel's log, as /dev/kmsg shows it: recovery errors, at most ten in five seconds, and their
/// number afterwards if there were more.
class KernelLog {
public:
    /// A region of some mirror was not copied. Returns whether a record tells of it, or of others
    /// less than five seconds before.
    bool recovery_error();

    /// What anybody may write.
    void chatter();

    /// The oldest records are overwritten. Returns how many there were.
    void overflow() { first_ = last(); }

    std::uint64_t last() const { return records_.size(); }

    std::uint64_t first() const { return first_; }

    const std::string& record(std::uint64_t number) const { return records_[number]; }

    Time unreadable_until{};

private:
    static constexpr unsigned most = 10;
    static constexpr std::chrono::seconds interval{5};

    void add(const std::string& text);

    std::vector<std::string> records_;
    std::uint64_t first_ = 0;
    Time window_{};
    unsigned printed_ = 0;
    std::uint64_t last_printed_ = 0;
    unsigned suppressed_ = 0;
};

} // namespace lvmpolld::simulation
