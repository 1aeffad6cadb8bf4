// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/boot_time.h"
#include "operation/progress.h"
#include "operation/record.h"
#include "operation/store.h"
#include "operation/verification.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

/// What an operation in progress does at the moment.
enum class Phase {
    accepted,  ///< waits to be looked at
    watching,  ///< the kernel copies, no lvpoll runs
    verifying, ///< both legs of a suspect segment are compared
    stepping,  ///< lvpoll commits what is copied, or decides whether anything is left to do
    resident,  ///< lvpoll watches by itself, as under the classical daemon
    fenced,    ///< an abort of the same LV is under way
    finished,  ///< there is a result
};

/// "accepted", "watching", ...
std::string_view name(Phase phase) noexcept;

/// The polling, or the abort, of one LV: what was asked and what has become of it. Shared by the
/// control loop, which accepts and reads, and the monitor loop, which moves it on; `mutex` guards
/// what changes and is taken after the store's, never before.
class Operation : public std::enable_shared_from_this<Operation> {
public:
    using Clock = std::chrono::steady_clock;

    /// `records`: where it is written down under `record_number`; null: nowhere.
    Operation(Store& store, PollRequest request, Records* records = nullptr,
              RecordNumber record_number = 0);

    Store& store() const noexcept { return store_; }

    RecordNumber record_number() const noexcept { return record_number_; }

    const PollRequest& request() const noexcept { return request_; }

    const std::string& identity() const noexcept { return request_.identity.text(); }

    /// What is left of the delay (`+N`) that the client was promised when it was accepted.
    std::chrono::nanoseconds remaining_delay() EXCLUDES(mutex);

    /// Everything that a reader may want to know, as of one moment.
    struct Snapshot {
        Phase phase = Phase::accepted;
        Verification verification = Verification::none;
        unsigned init_requests = 0;
        pid_t lvpoll = -1; ///< the running or last child, -1 before the first
        std::optional<Progress> progress;
        /// What it waits for, where the phase does not say it; with a result, why it has failed.
        std::string waits_for;
        std::optional<Result> result;
        std::chrono::nanoseconds progressed_at{}; ///< boot_time() of the last progress; 0: none yet
        /// What lvpoll has printed last; null: nothing. Each line makes another list, so that
        /// readers share one.
        std::shared_ptr<const std::vector<std::string>> output{};
    };

    Snapshot snapshot() EXCLUDES(mutex);

    void set_phase(Phase phase) EXCLUDES(mutex);
    void set_progress(const Progress& progress) EXCLUDES(mutex);
    void set_waiting(std::string text) EXCLUDES(mutex);
    void set_verification(Verification verification) EXCLUDES(mutex);
    void set_lvpoll(pid_t pid) EXCLUDES(mutex);

    /// lvpoll has printed this line. limits::shown_output_lines are kept.
    void add_output(std::string_view line) EXCLUDES(mutex);

    /// When it was accepted (boot_time(), 0: not known), when it ended, and how many claims on the
    /// result connections hold.
    struct History {
        std::chrono::nanoseconds accepted_at;
        Clock::time_point finished_at;
        unsigned held_claims;
    };

    History history() EXCLUDES(mutex);

    /// A step looks at the LV from here on: requests that joined before are covered by it.
    /// Returns whether there were any since the last one.
    bool begin_step() EXCLUDES(mutex);

    /// What a reader is told.
    struct Reading {
        std::optional<Result> result; ///< none: in progress
        bool used = false;            ///< it takes a claim, until answered() or unanswered()
        bool last = false;            ///< nobody else has a claim: forget the operation
    };

    /// Reads with a claim of the reader's own, which is used up if there is a result; in the record
    /// it stays until answered().
    Reading read_with_claim(SessionNumber session = 0) EXCLUDES(mutex);

    /// Reads without one: uses up the claim of a closed connection if there is any, and else
    /// nothing; likewise.
    Reading read_without_claim() EXCLUDES(mutex);

    /// The result that was read, with a claim of `session` or (0) without one, was sent.
    void answered(SessionNumber session) EXCLUDES(mutex);

    /// It couldn't be sent: the claim may be used by any reader.
    void unanswered(SessionNumber session) EXCLUDES(mutex);

    /// The connection that held `count` claims is closed: any reader may use them now.
    void release_claims(SessionNumber session, unsigned count) EXCLUDES(mutex);

    /// The connection doesn't want this result any more.
    void give_up_claims(SessionNumber session, unsigned count) EXCLUDES(mutex);

    /// Those of connections that a record has kept.
    std::vector<HeldClaims> held_claims() EXCLUDES(mutex);

    /// What is to be written before a client may be told of all that has happened to its claims so
    /// far.
    Records::Ticket last_ticket() EXCLUDES(mutex);

    bool is_written(Records::Ticket ticket) const noexcept {
        return records_ == nullptr || records_->is_written(ticket);
    }

    Mutex mutex ACQUIRED_AFTER(store_.mutex);

private:
    friend class Store;

    Record record() const REQUIRES(mutex);
    void write_record(Records::By by = Records::By::writer) noexcept REQUIRES(mutex);

    /// There is a result that may be told: it is recorded.
    bool is_readable() const REQUIRES(mutex) { return state_.result && is_written(result_ticket_); }

    /// There is a result, which may not be told yet: nobody can join any more.
    bool is_decided() EXCLUDES(mutex);

    enum class Joining { joined, different, finished };

    /// Takes another request in, unless it is of another type or there is a result already. The
    /// store has it written.
    Joining join(SessionNumber session, OperationType type) EXCLUDES(mutex);

    /// Takes in the request that it was made for.
    void begin(SessionNumber session) EXCLUDES(mutex);

    /// Takes over what a record says of it.
    void restore(Record record) EXCLUDES(mutex);

    /// Sets the result, which is recorded before anybody can be told. False if a request has
    /// joined.
    bool finish(const Result& result) EXCLUDES(mutex);

    /// Its store has it again.
    void enter_store() EXCLUDES(mutex);

    /// Its store doesn't have it any more: when it is saved, the record goes unless there are
    /// claims of connections. Returns the free claims.
    unsigned leave_store() EXCLUDES(mutex);
    std::vector<HeldClaims> take_held_claims() EXCLUDES(mutex);

    /// Takes over claims of an earlier run: of closed connections, of connections.
    void inherit(unsigned claims) EXCLUDES(mutex);
    void inherit(const std::vector<HeldClaims>& claims) EXCLUDES(mutex);

    /// Brings the record up to date. What changes claims or the result does so itself, unless the
    /// order of two records is the store's to keep.
    void save(Records::By by) noexcept EXCLUDES(mutex);

    Store& store_;
    Store::Place place_; ///< in the store while it is not there; the store's mutex guards it
    const PollRequest request_;
    Records* const records_;
    const RecordNumber record_number_;

    Snapshot state_ GUARDED_BY(mutex);
    bool joined_ GUARDED_BY(mutex) = false;
    bool stored_ GUARDED_BY(mutex) = true;
    ClaimLedger claims_ GUARDED_BY(mutex);
    Records::Ticket last_ticket_ GUARDED_BY(mutex) = 0;
    Records::Ticket result_ticket_ GUARDED_BY(mutex) = 0;
    Clock::time_point finished_at_ GUARDED_BY(mutex){};
    std::chrono::nanoseconds accepted_at_ GUARDED_BY(mutex) = boot_time();
};

} // namespace lvmpolld
