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

/// Takes what is to be written down of operations, and writes it in the order in which it was
/// given. Nothing here waits for a file system, so that it may be called under a lock. Any thread.
class Records {
public:
    virtual ~Records() = default;

    /// Names what was given to be written. Later ones are greater; 0 is written already.
    using Ticket = std::uint64_t;

    /// Who sees to it that something is written.
    enum class By {
        writer, ///< somebody else, soon
        caller, ///< the caller of save(), by write(), when it holds no lock any more
    };

    /// The record of this number is to be written or replaced. What can't be written counts as
    /// written: the implementation reports it, and the operation goes on in memory.
    virtual Ticket save(const Record& record, By by) noexcept = 0;

    /// Has all written that was given so far: before it returns, if that can't take long.
    virtual void write() noexcept = 0;

    /// Takes note that a record couldn't even be made, for this reason (errno).
    virtual void report(int error) noexcept = 0;

    /// The record is to be removed, if there is one.
    virtual void remove(bool abort, RecordNumber number) noexcept = 0;

    /// These copies are suspect, in place of those before: is to be written.
    virtual void save_suspects(const SuspectList& copies) noexcept = 0;

    /// Whether all that was given up to this ticket is written.
    virtual bool is_written(Ticket ticket) const noexcept = 0;
};

/// The name of an operation's record: "poll-17".
inline std::string record_name(bool abort, RecordNumber number) {
    return (abort ? "abort-" : "poll-") + std::to_string(number);
}

} // namespace lvmpolld
