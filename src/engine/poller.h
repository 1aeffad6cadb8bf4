// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/context.h"
#include "engine/facts.h"
#include "engine/lv_view.h"
#include "operation/operation.h"
#include "operation/operation_event.h"

#include <asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace lvmpolld {

class Poller;

/// Who has to know how the operations get on: the monitor.
class PollerListener {
public:
    /// It is over: no lvpoll runs, and nothing more will happen.
    virtual void ended(Poller& poller) = 0;

    /// Its lvpoll, or its comparison, has ended.
    virtual void quiet(Poller& poller) = 0;

    /// This abort is about to run, whatever it fences.
    virtual void aborts(Poller& poller) = 0;

protected:
    ~PollerListener() = default;
};

/// Takes one operation to its result, a polling or an abort. Monitor thread.
///
/// It decides nothing itself. Each event (a child or a comparison ends, the kernel says something,
/// a slot is free, a fence, the stop, the time) calls reconcile(), which gathers the facts, asks
/// plan() what to do, does it, and asks again until there is something to wait for.
class Poller : public std::enable_shared_from_this<Poller> {
public:
    using TimePoint = Clock::TimePoint;

    /// How long a success that the kernel does not confirm is doubted.
    static constexpr std::chrono::seconds longest_denial{60};

    Poller(Context& context, PollerListener& listener, std::shared_ptr<Operation> operation);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// An earlier daemon has begun with the operation; its lvpoll may still run. Before begin().
    void take_up(std::optional<Survivor> survivor);

    void begin();

    /// From here to release() no lvpoll is started, and one that runs is stopped.
    void fence();
    void release();

    /// Of an abort: what it fences still runs. It waits until lift(), at most until `deadline`.
    void hold(TimePoint deadline);
    void lift();

    /// Stops for good, once no lvpoll runs.
    void stop();

    const std::shared_ptr<Operation>& operation() const noexcept { return operation_; }

    const PollRequest& request() const noexcept { return operation_->request(); }

    const std::string& identity() const noexcept { return operation_->identity(); }

    /// What keeps it from being quiet, for messages: "lvpoll[4711]".
    std::string occupation() const;

    /// No lvpoll runs and no disk is read.
    bool is_quiet() const noexcept { return !child_ && !comparison_; }

    /// A comparison that does not end, since a disk does not answer, is left to itself.
    void give_up_comparison();

private:
    /// An lvpoll whose end has not been taken.
    struct Child {
        std::unique_ptr<LvPoll> lvpoll;
        Purpose purpose;
        LvView::Names names{}; ///< that it was started for; empty: an earlier daemon knew
        bool survivor = false;
        bool retired = false;  ///< was sent SIGTERM by us
        bool advanced = false; ///< had done its work by then
        bool misdirected = false;
        TimePoint started;
        TimePoint slot_end = Facts::never;
        TimePoint lock_check = Facts::never;
    };

    /// How the last lvpoll ended, or why there is none.
    struct Ending {
        Result result;
        bool reported = false; ///< in the log
        bool joined = false;   ///< a request joined too late for it
        bool late = false;     ///< likewise perhaps: it joined beside a resident lvpoll
    };

    /// What this event has shown. Each event finds it out anew.
    struct Found {
        TimePoint now{}; ///< an event is one moment
        bool shared_locks = false;
        bool name_taken = false;
        bool waits_to_step = false; ///< for its turn
        bool waits_to_compare = false;
        std::optional<Verdict> verdict{}; ///< to ask for evidence costs system calls
    };

    enum class Life : std::uint8_t {
        working,
        stopping,
        failing, ///< stopping because of an exception, and then the operation has failed
        over,
    };

    /// A comparison that has found out nothing is made again.
    struct Postponed {
        std::chrono::seconds pause{0};
        TimePoint until;
        std::string why;
    };

    /// Something has happened: looks at the kernel again and goes on, but not at once, since the
    /// caller may be what a step destroys.
    void wake();
    void post();
    void reconcile();
    void act();

    Facts gather();
    void gather_child(Facts& facts) const;
    Facts::Comparing comparing() const;
    bool is_same() const;

    /// Each returns whether to go on.
    bool perform(const Wait& wait);
    bool perform(Look);
    bool perform(CheckLock);
    bool perform(TakeTurn);
    bool perform(GiveTurn);
    bool perform(Start start);
    bool perform(Retire retire);
    bool perform(TakeEnd);
    bool perform(Compare);
    bool perform(Cancel);
    bool perform(Drop);
    bool perform(Accept);
    bool perform(Retry);
    bool perform(Again);
    bool perform(Finish finish);

    void take_in_copy();
    void postpone_comparison(std::string why);
    /// True: nobody had listened before, and what was seen last may be over.
    bool subscribe(Reason why);
    void launch(Purpose purpose, const std::string& vg, const std::string& lv);
    void report_resident();
    void count_idle_step();
    void report_result();
    /// The reason is what those who watch are shown as well.
    void end_with(LogLevel level, const std::string& reason, OperationEvent event);
    void refuse(const std::string& why);
    /// Ends the operation. False if a request has joined, which the ending is not about.
    bool conclude(const Result& result);
    std::string denial() const;
    TimePoint doubt();
    std::string problem() const;
    void settle_suspicion();
    void strike_off_suspects() const;
    void arm(TimePoint until);
    void show(const Wait& wait);
    std::string text_of(Reason why) const;
    std::chrono::nanoseconds pause_beside(Purpose purpose) const;

    const dm::Kind& kind() const noexcept { return dm::kind_of(request().type); }

    bool is_success() const;
    bool is_watched() const;
    std::string obstacle() const;
    bool is_protected() const;
    /// By another LV. Fails with a std::system_error if the kernel does.
    bool is_name_taken(const LvView::Names& names) const;
    /// Likewise; false where the kernel can't tell.
    bool is_name_surely_taken(const LvView::Names& names) const;
    dm::Kernel* kernel() const;
    LvView& view();
    LvView::Names names() const;
    std::chrono::seconds interval() const;
    std::string left_unwatched() const;
    Verdict verdict(bool can_compare);
    TrackedCopy& trust();
    std::function<void()> waker();
    void say(LogLevel level, const std::string& text) const;
    void say(LogLevel level, const std::string& text, OperationEvent event,
             const std::optional<Result>& result = std::nullopt) const;

    Context& context_;
    PollerListener& listener_;
    const std::shared_ptr<Operation> operation_;
    std::unique_ptr<LvView> view_; ///< from the first look on
    std::shared_ptr<TrackedCopy> trust_;
    std::shared_ptr<Comparison> comparison_;
    std::unique_ptr<Postponed> postponed_;
    std::optional<Child> child_;
    std::unique_ptr<Slots::Slot> slot_;
    std::unique_ptr<KernelWatch::Subscription> subscription_;
    std::unique_ptr<asio::steady_timer> timer_; ///< while there is a time to wait for
    std::unique_ptr<std::string> lock_;         ///< that the child waits for, with its holder

    std::optional<Ending> ending_;            ///< from an lvpoll's end on, until it is acted upon
    std::unique_ptr<std::string> last_error_; ///< that the last lvpoll printed

    TimePoint look_at_ = TimePoint::min();
    /// Nobody looks before, but to confirm a success: the client's `+`. None once somebody has
    /// looked.
    std::optional<TimePoint> promised_;
    TimePoint next_start_ = TimePoint::min();
    TimePoint fence_end_ = Facts::never;
    TimePoint give_up_ = Facts::never;
    std::chrono::seconds pause_{0};        ///< before the next attempt to start an lvpoll
    std::chrono::seconds denial_pause_{0}; ///< likewise, after a success that the kernel denies

    std::uint32_t waits_ = 0; ///< tells the handlers of earlier waits
    Found found_;
    Life life_ = Life::working;
    std::optional<Purpose> last_started_; ///< the last lvpoll's, also an earlier daemon's
    std::optional<Reason> shown_;         ///< of the last wait that the log tells of
    std::uint16_t fences_ = 0;
    std::uint8_t idle_steps_ = 0; ///< without progress, in a row
    bool posted_ = false;         ///< the loop will call reconcile()
    bool resident_for_good_ = false;
};

} // namespace lvmpolld
