// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/mutex.h"
#include "operation/by_identity.h"
#include "operation/claim_ledger.h"
#include "operation/poll_request.h"
#include "operation/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lvmpolld {

class Operation;
struct Record;
class RecentResults;
class Records;

/// Names the record of an operation among all of its daemon, also those of earlier processes. 0:
/// none.
using RecordNumber = std::uint64_t;

/// How long results stay that only closed connections had asked for.
struct Retention {
    std::chrono::seconds age{3600};
    std::size_t results = 1000;
};

/// The operations of one kind, polling or abort, each once by its identity. The two stores are
/// independent; who needs both takes the poll store first. `mutex` comes before the mutex of every
/// operation. Any thread.
class Store {
public:
    /// `records`: where the operations are written down; null: nowhere. `recent`: where those who
    /// only watch find results; null: nobody watches.
    explicit Store(Retention retention, Records* records = nullptr, RecentResults* recent = nullptr)
        : retention_(retention), records_(records), recent_(recent) {}

    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// The LV is already polled with another type of operation.
    struct DifferentOperation {};

    /// There are limits::operations already.
    struct TooMany {};

    /// The request is taken: a new operation, or one in progress that was joined.
    struct Accepted {
        std::shared_ptr<Operation> operation;
        bool started;
    };

    using Operations = std::vector<std::shared_ptr<Operation>>;

    using Outcome = std::variant<Accepted, DifferentOperation, TooMany>;

    /// Starts or joins the operation of the request's identity and counts one claim on its result,
    /// which belongs to the caller's connection. A finished operation of this identity makes way.
    /// The client may be told OK, and the operation be begun, when Operation::recorded() says so.
    Outcome accept(PollRequest request, SessionNumber session = 0) EXCLUDES(mutex);

    /// Takes up what an earlier process has recorded. Records of one identity come in the order of
    /// their numbers: the last is the current one. Claims on one before it that has no result go
    /// over to it.
    std::shared_ptr<Operation> restore(Record record) EXCLUDES(mutex);

    /// Numbers records from beyond this on. Numbers that an earlier daemon has given, also to
    /// records that are lost, must not come back: its lvpolls are known by them.
    void number_beyond(RecordNumber number) EXCLUDES(mutex);

    /// The current operation of this identity, or null.
    std::shared_ptr<Operation> find(std::string_view identity) EXCLUDES(mutex);

    /// Ends the operation. False, and nothing is done, when a request has joined it since
    /// Operation::begin_step(): the LV has to be looked at once more, since convert and merge use
    /// an LVID again.
    bool finish(Operation& operation, const Result& result) EXCLUDES(mutex);

    /// Ends the operation, whoever has joined it: how it ends can't be known.
    void fail(Operation& operation) EXCLUDES(mutex);

    /// Removes a finished operation unless there is a claim on it. Its record stays until the last
    /// answer was sent.
    void forget(Operation& operation) EXCLUDES(mutex);

    /// Free claims on a run that is not in the store any more go over to the current run of its
    /// identity: a client that lost its connection asks by identity, so it hears about that. If
    /// there is none, this run is in the store again.
    void hand_on(const std::shared_ptr<Operation>& from) noexcept EXCLUDES(mutex);

    /// Every current operation, ordered by identity.
    Operations operations() EXCLUDES(mutex);

    /// How many have not finished.
    std::size_t in_progress() EXCLUDES(mutex);

    /// From now on results stay so long.
    void retain(Retention retention) EXCLUDES(mutex);

    Mutex mutex;

private:
    friend class Operation;

    using Set = std::set<std::shared_ptr<Operation>, ByIdentity<Operation>>;
    using Place = Set::node_type;

    /// The operation leaves the set, and keeps its place: it comes back without any memory.
    void take_out(Set::iterator position) REQUIRES(mutex);
    /// Puts the operation in the place of another of its identity, which is returned.
    std::shared_ptr<Operation> insert(std::shared_ptr<Operation> operation) REQUIRES(mutex);
    /// The operation is in the place of `replaced`, if there was one, and has its free claims.
    static void take_place(const std::shared_ptr<Operation>& replaced, Operation& operation);
    void drop_stale_results() REQUIRES(mutex);

    /// Between two searches for results that are too old; those that are too many go at once.
    static constexpr std::chrono::seconds cleaning_pause{1};

    Retention retention_ GUARDED_BY(mutex);
    Records* const records_;
    RecentResults* const recent_;
    RecordNumber last_record_ GUARDED_BY(mutex) = 0;
    Set operations_ GUARDED_BY(mutex);
    std::size_t in_progress_ GUARDED_BY(mutex) = 0;
    std::chrono::steady_clock::time_point next_cleaning_ GUARDED_BY(mutex){};
    /// Results that clients waited for at the last cleaning: to look at all again for them would be
    /// in vain.
    std::size_t held_results_ GUARDED_BY(mutex) = 0;
};

} // namespace lvmpolld
