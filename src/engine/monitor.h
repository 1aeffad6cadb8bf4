// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/poller.h"
#include "operation/by_identity.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// Runs the operations, each by its Poller, on one thread. An abort fences the pollings of its LV.
/// Everything but the constructor belongs to that thread.
class Monitor final : private PollerListener {
public:
    /// `operation_ended` is called after each operation's end.
    Monitor(Context context, std::function<void()> operation_ended);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    /// Takes up an operation that a store has newly accepted.
    void start(std::shared_ptr<Operation> operation);

    /// An operation that an earlier daemon has begun.
    struct Unfinished {
        std::shared_ptr<Operation> operation;
        std::optional<Survivor> survivor{}; ///< the lvpoll that it has left, if any
    };

    /// Told of each operation before anything is done with it, and null when all that is over: a
    /// process that ends meanwhile ends over this one.
    using AtHand = std::function<void(const Operation*)>;

    /// Takes up all that an earlier daemon has left, at once: which of them fence others does not
    /// depend on their order. When it returns, each has its lvpoll or waits for something.
    void take_up(
        std::vector<Unfinished> operations, const AtHand& at_hand = [](auto) {});

    /// Sends every lvpoll SIGTERM and calls `stopped` once all are gone, or after
    /// limits::child_termination; an lvpoll that stays is named in the log and left alone, since it
    /// may hold a VG's lock. Nothing can be started any more.
    void stop(std::function<void()> stopped);

private:
    using Pollers = std::set<std::shared_ptr<Poller>, ByIdentity<Poller>>;

    void ended(Poller& poller) override;
    void quiet(Poller& poller) override;
    void aborts(Poller& poller) override;

    std::shared_ptr<Poller> make(std::shared_ptr<Operation> operation);
    /// Makes it known to the others, and fenced or fencing.
    void enter(const std::shared_ptr<Poller>& poller);
    /// The pollings, or aborts, of an LV, whatever their LVM_SYSTEM_DIR.
    static std::vector<std::shared_ptr<Poller>> of(const Pollers& pollers, std::string_view lvid);
    bool all_quiet(std::string_view lvid) const;
    void end_stop();
    /// Of LVs that nobody polls.
    void strike_off_suspects();
    void name_the_remaining(const Pollers& pollers);

    Context context_;
    const std::function<void()> operation_ended_;
    bool stopping_ = false;
    std::function<void()> stopped_;              ///< during the stop
    std::optional<asio::steady_timer> stop_end_; ///< from the stop on
    bool introduced_ = false;                    ///< the engine, in the log
    Pollers polls_;
    Pollers aborts_;
};

} // namespace lvmpolld
