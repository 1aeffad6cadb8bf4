// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/lvpoll_runs.h"
#include "engine/observation.h"
#include "engine/wakeup.h"
#include "engine/workshop.h"
#include "operation/operation.h"

#include <memory>
#include <optional>
#include <string>

namespace lvmpolld {

/// Takes one operation to its result, a polling or an abort:
///
///     accepted -> watching <-> verifying, stepping -> result
///            \--> resident ----------------------/
///
/// While the kernel copies, nobody runs. Once a segment is in sync, lvpoll is recalled to commit it, and
/// retired when the device shows the next one. Whatever isn't understood is left to a resident lvpoll, as
/// under the classical daemon. The exit of an lvpoll that wasn't retired is the result. Monitor thread.
///
/// It is a coroutine, but rests without one beside a resident lvpoll, so that thousands of those cost little.
class Poller : public std::enable_shared_from_this<Poller> {
public:
    Poller(Workshop& workshop, std::shared_ptr<Operation> operation);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// An lvpoll runs, and nothing is to be done before it ends: then Workshop::resume is called.
    struct Resting {};

    /// The daemon stops before the operation is over.
    struct Stopped {};

    using Outcome = std::variant<Resting, Stopped, Result>;

    /// The operation's life, up to a rest or its end. To be called again after a rest, and when a request has
    /// joined.
    asio::awaitable<Outcome> run();

    /// An earlier daemon has begun with the operation; its lvpoll may still run. Before run().
    void take_up(std::optional<Survivor> survivor);

    /// From here to release() no lvpoll is started, and one that runs is stopped: an abort of the LV is under
    /// way.
    void fence();
    void release();

    /// Stops for good: run() returns once no lvpoll runs.
    void stop();

    const std::shared_ptr<Operation>& operation() const noexcept { return operation_; }

    const std::string& identity() const noexcept { return operation_->identity(); }

    /// What keeps it from being quiet, for messages: "lvpoll[4711]".
    std::string occupation() const { return lvpoll_ ? lvpoll_.name() : "the comparison of its legs"; }

    /// No lvpoll runs and no disk is read.
    bool is_quiet() const noexcept { return !lvpoll_ && !verification_; }

    /// Waits until no lvpoll runs and no disk is read, at most until `deadline`. False if one still does.
    asio::awaitable<bool> wait_until_quiet(Clock::TimePoint deadline);

    /// A comparison that doesn't end, since a disk doesn't answer, is left to itself.
    void give_up_comparison();

    /// After a failure of run(): returns once no lvpoll runs.
    asio::awaitable<void> put_down();

private:
    using Names = Observation::Names;

    /// Something has changed: goes on, unless there is nothing to be done yet.
    void wake();

    bool must_be_quiet() const noexcept { return fences_ > 0 || stopping_; }

    bool can_watch() const;

    /// Why not, for the log.
    std::string obstacle() const;

    asio::awaitable<void> wait_for_survivor();
    /// Of an LV that isn't copied any more, after the operation's success.
    void forget_suspicion();
    asio::awaitable<void> wait_as_promised();
    asio::awaitable<void> advance();
    asio::awaitable<void> advance(const dm::Copy& copy);

    /// Nothing is copied: has lvpoll decide whether anything is left to do.
    asio::awaitable<void> decide();
    /// Waits for the end of the lvpoll that has `slot`, which it keeps for `longest`. Retires it once
    /// `is_superfluous`, which is asked after each `pause` and whenever something has changed; returns
    /// whether it was.
    asio::awaitable<bool> accompany(StepSlots::Slot slot, std::chrono::seconds longest,
                                    std::function<bool()> is_superfluous, std::chrono::milliseconds pause);
    asio::awaitable<void> watch(const dm::Copy& copy);
    asio::awaitable<void> step(const dm::Copy& copy);
    asio::awaitable<bool> is_worth_committing(const dm::Copy& copy);
    asio::awaitable<void> wait_for_a_slot(StepSlots& slots);
    asio::awaitable<verify::Outcome> verify_legs(const dm::Copy& copy);
    asio::awaitable<void> give_up_watching(std::string failure);
    /// Whether copies of this kind are kept from being committed if they are bad.
    bool protects() const;
    /// Whether lvpoll may have the LV without a comparison of what is copied.
    bool may_be_left_unverified();
    /// Ends the operation, rather than leave to a resident lvpoll a copy that it must not commit unverified.
    bool refuses_unverified(const std::string& why);
    /// Ends the operation, for those who have joined it meanwhile, too: they asked for the same copy.
    void refuse(const std::string& why);
    /// "left to a resident lvpoll", for the log, with what that means for a mirror.
    std::string left_unwatched() const;
    void stay_unwatched();
    void stay_resident();

    /// Starts lvpoll if the LV still has its name. Without one the result is set, or the time to try again.
    void start_lvpoll(const Names& names);
    /// False if there is none; likewise.
    bool launch(const Names& names, const std::string& interval);
    asio::awaitable<void> wait_for_lvpoll_end();
    void take_end();

    /// Looks, and takes in what there is if it is the next segment.
    bool has_advanced_beyond(const dm::Copy& copy);
    /// What the kernel shows now.
    dm::View look() const;
    Observation& observation();
    Names names() const;
    std::chrono::seconds interval() const;
    bool is_mirror() const noexcept;
    std::string way_out() const;
    void say(LogLevel level, const std::string& text) const;

    Workshop& workshop_;
    const std::shared_ptr<Operation> operation_;
    Wakeup wakeup_;
    Wakeup quiet_;
    LvPollRuns lvpoll_;
    std::unique_ptr<Verification> verification_;
    std::optional<Result> result_;
    bool gives_up_comparison_ = false;
    bool refused_ = false;                     ///< the result is that of a copy which is still there
    std::unique_ptr<Observation> observation_; ///< if the kernel is watched

    unsigned fences_ = 0;
    bool resting_ = false;
    bool stopping_ = false;
    bool looked_ = false; ///< the promised delay is over
    bool resident_for_good_ = false;
    unsigned idle_steps_ = 0; ///< without progress, in a row
};

} // namespace lvmpolld
