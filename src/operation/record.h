// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/copy_identity.h"
#include "operation/store.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lvmpolld {

/// What is kept of an operation over the daemon's end.
struct Record {
    RecordNumber number = 0;
    PollRequest request;
    std::vector<HeldClaims> held_claims{};
    unsigned free_claims = 0;
    std::optional<Result> result{};
    std::chrono::steady_clock::time_point
        finished_at{};                      ///< counts since the boot, so another process can tell
    std::chrono::nanoseconds accepted_at{}; ///< boot_time(); 0: not known
};

/// Where records are kept. Any thread; one operation's calls come one after the other.
class Records {
public:
    virtual ~Records() = default;

    /// Writes or replaces the record of this number. A failure is reported by the implementation, and the
    /// operation goes on in memory.
    virtual void save(const Record& record) noexcept = 0;

    /// Takes note that a record couldn't even be made, for this reason (errno): like a failure of save().
    virtual void report(int error) noexcept = 0;

    /// Removes a record, if there is one.
    virtual void remove(bool abort, RecordNumber number) noexcept = 0;

    /// Writes down which copies are suspect, in place of those before. Likewise.
    virtual void save_suspects(const std::set<CopyIdentity>& copies) noexcept = 0;
};

/// The name of an operation's record: "poll-17".
inline std::string record_name(bool abort, RecordNumber number) {
    return (abort ? "abort-" : "poll-") + std::to_string(number);
}

} // namespace lvmpolld
