// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "polling/store.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld {

/// How far the kernel's copy is, in sectors of 512 bytes.
struct Progress {
    std::uint64_t copied = 0;
    std::uint64_t total = 0;
    bool operator==(const Progress&) const = default;
};

/// What an operation in progress does at the moment.
enum class Phase {
    accepted,  ///< waits to be looked at
    watching,  ///< the kernel copies, no lvpoll runs
    verifying, ///< both legs of a suspect segment are compared
    stepping,  ///< lvpoll commits what is copied
    resident,  ///< lvpoll watches by itself, as under the classical daemon
    fenced,    ///< an abort of the same LV is under way
    finished,  ///< there is a result
};

/// "accepted", "watching", ...
std::string_view name(Phase phase) noexcept;

/// The polling, or the abort, of one LV: what was asked and what has become of it. Shared by the control
/// loop, which accepts and reads, and the monitor loop, which moves it on; `mutex` guards what changes and is
/// taken after the store's, never before.
class Operation {
public:
    using Clock = std::chrono::steady_clock;

    Operation(Store& store, wire::PollRequest request);

    Store& store() const noexcept { return store_; }

    const wire::PollRequest& request() const noexcept { return request_; }

    const std::string& identity() const noexcept { return identity_; }

    /// Everything that a reader may want to know, as of one moment.
    struct Snapshot {
        Phase phase = Phase::accepted;
        unsigned init_requests = 0;
        pid_t lvpoll = -1; ///< the running or last child, -1 before the first
        std::optional<Progress> progress;
        std::optional<Result> result;
    };

    Snapshot snapshot() EXCLUDES(mutex);

    void set_phase(Phase phase) EXCLUDES(mutex);
    void set_progress(const Progress& progress) EXCLUDES(mutex);
    void set_lvpoll(pid_t pid) EXCLUDES(mutex);

    /// A step looks at the LV from here on: requests that joined before are covered by it.
    void begin_step() EXCLUDES(mutex);

    /// What a reader is told.
    struct Reading {
        std::optional<Result> result; ///< none: in progress
        bool last = false;            ///< nobody else has a claim: forget the operation
    };

    /// Reads with a claim of the reader's own, which is used up if there is a result.
    Reading read_with_claim() EXCLUDES(mutex);

    /// Reads without one: uses up the claim of a closed connection if there is any, and else nothing.
    Reading read_without_claim() EXCLUDES(mutex);

    /// The connection that held a claim is closed: any reader may use the claim now.
    void release_claim() EXCLUDES(mutex);

    Mutex mutex ACQUIRED_AFTER(store_.mutex);

private:
    friend class Store;

    bool unclaimed() const REQUIRES(mutex) { return held_claims_ == 0 && free_claims_ == 0; }

    Store& store_;
    const wire::PollRequest request_;
    const std::string identity_;

    Snapshot state_ GUARDED_BY(mutex);
    bool joined_ GUARDED_BY(mutex) = false;
    unsigned held_claims_ GUARDED_BY(mutex) = 0; ///< of open connections
    unsigned free_claims_ GUARDED_BY(mutex) = 0; ///< of closed ones
    Clock::time_point finished_at_ GUARDED_BY(mutex){};
};

} // namespace lvmpolld
