// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/poller.h"
#include "operation/by_identity.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lvmpolld {

/// Runs the operations, each by its Poller, on one thread. Everything but the constructor belongs to that
/// thread.
class Monitor {
public:
    /// `operation_ended` is called after each operation's end.
    Monitor(Workshop workshop, std::function<void()> operation_ended);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    /// Takes up an operation that a store has newly accepted.
    void start(std::shared_ptr<Operation> operation);

    /// An operation that an earlier daemon has begun, with the lvpoll that it has left, if any.
    struct Unfinished {
        std::shared_ptr<Operation> operation;
        std::optional<Survivor> survivor;
    };

    /// Takes up all that an earlier daemon has left, at once: which of them fence others doesn't depend on
    /// their order.
    void take_up(std::vector<Unfinished> operations);

    /// Sends every lvpoll SIGTERM and calls `stopped` once all are gone, or after limits::child_termination;
    /// an lvpoll that stays is named in the log and left alone, since it may hold a VG's lock. Nothing can be
    /// started any more.
    void stop(std::function<void()> stopped);

private:
    using Pollers = std::set<std::shared_ptr<Poller>, ByIdentity<Poller>>;

    Pollers& pollers_of(const Operation& operation) { return operation.request().abort ? aborts_ : polls_; }

    /// Makes it known to the others, and fenced or fencing.
    void enter(const std::shared_ptr<Poller>& poller);
    void bring_to_life(std::shared_ptr<Poller> poller, bool begins);

    /// From start to end of an operation, or from one rest to the next.
    asio::awaitable<void> live(std::shared_ptr<Poller> poller, bool begins);
    asio::awaitable<void> wait_for_fenced_poll(const std::string& identity);
    /// False: it rests.
    asio::awaitable<bool> poll_to_the_end(Poller& poller);
    void end(const std::shared_ptr<Poller>& poller);
    asio::awaitable<void> wait_for_the_last(std::function<void()> stopped);
    void name_the_remaining(const Pollers& pollers);

    Workshop workshop_;
    const std::function<void()> operation_ended_;
    Wakeup ended_;
    bool stopping_ = false;
    Pollers polls_;
    Pollers aborts_;
};

} // namespace lvmpolld
