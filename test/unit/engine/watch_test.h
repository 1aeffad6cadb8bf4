// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/recording_log.h"
#include "base/virtual_clock.h"
#include "dm/simulated_kernel.h"
#include "engine/monitor.h"
#include "lvpoll/fake_lvpoll.h"
#include "operation/test_request.h"

#include <signal.h>

#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

namespace lvmpolld {

/// The simulated kernel, with hooks for what happens between two questions. A caller that asks on
/// and on without ever waiting is stopped by an exception.
class HookedKernel final : public dm::Kernel {
public:
    explicit HookedKernel(dm::SimulatedKernel& kernel) : kernel_(kernel) {}

    std::function<void()> after_look;
    std::function<void()> before_lvid_of;

    /// The caller has waited.
    void allow_more_questions() { questions_ = 0; }

    bool can_watch() override { return kernel_.can_watch(); }

    int event_descriptor() const override { return kernel_.event_descriptor(); }

    void arm() override { kernel_.arm(); }

    dm::View look(std::string_view lvid, OperationType type) override {
        constexpr unsigned too_many = 1000;
        if (++questions_ > too_many)
            throw std::logic_error("the kernel is asked without a pause");
        auto view = kernel_.look(lvid, type);
        if (after_look)
            after_look();
        return view;
    }

    std::optional<std::uint32_t> event_number(std::string_view uuid) override {
        return kernel_.event_number(uuid);
    }

    std::optional<std::string> lvid_of(std::string_view vg, std::string_view lv) override {
        if (before_lvid_of)
            before_lvid_of();
        return kernel_.lvid_of(vg, lv);
    }

    std::string obstacle() const override { return kernel_.obstacle(); }

    std::vector<dm::ActiveLv> active_lvs() override { return kernel_.active_lvs(); }

private:
    dm::SimulatedKernel& kernel_;
    unsigned questions_ = 0;
};

/// The fake lvpoll, with a hook for what happens while it is started, and failures for some LVs
/// only.
class HookedLauncher final : public LvPollLauncher {
public:
    FakeLauncher fake;
    std::function<void()> on_launch;
    std::string fails_for; ///< LVID

    Launched launch(const LvPollTask& task, std::function<void()> ended) override {
        if (on_launch)
            on_launch();
        if (task.request.identity.lvid() == fails_for)
            return SpawnFailure{SpawnFailure::Stage::execute, EAGAIN};
        return fake.launch(task, std::move(ended));
    }

    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override {
        return fake.rejoin(std::move(survivor), std::move(ended));
    }
};

/// What speaks against copies is what a test says.
class FakeCopyErrors final : public CopyErrors {
public:
    using CopyErrors::CopyErrors;
    Evidence now;
    bool each_time_another = false; ///< as when the kernel's log can't be read

    Evidence gather(const std::vector<dm::Leg>&) override {
        now.errors += each_time_another ? 1 : 0;
        return now;
    }
};

/// Comparisons of legs that last until a test says what they have found, or until they are
/// cancelled.
class FakeComparison {
public:
    verify::Outcome run(const dm::Copy& copy, const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ++started_;
        segment_start_ = copy.segment_start;
        if (!changed_.wait(lock, stop, [this] { return outcome_.has_value(); }))
            return verify::Cancelled{};
        return *std::exchange(outcome_, std::nullopt);
    }

    /// Ends the comparison that runs, or the next one.
    void finish(verify::Outcome outcome) {
        const std::lock_guard lock(mutex_);
        outcome_ = std::move(outcome);
        changed_.notify_all();
    }

    unsigned started() const {
        const std::lock_guard lock(mutex_);
        return started_;
    }

    std::uint64_t segment_start() const {
        const std::lock_guard lock(mutex_);
        return segment_start_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<verify::Outcome> outcome_;
    unsigned started_ = 0;
    std::uint64_t segment_start_ = 0;
};

/// The monitor on a simulated kernel, in virtual time. The LV is vg/lv unless a test says
/// otherwise; a pvmove has three segments.
class WatchTest : public testing::Test {
protected:
    static constexpr std::uint64_t segment_length = 1000;
    static constexpr std::uint64_t total = 3 * segment_length;

    WatchTest() = default;

    /// Whatever a test has left is brought to its end: the loop's coroutines refer to what goes
    /// here.
    ~WatchTest() override {
        stop();
        for (auto& run : runs)
            if (run.running())
                run.end(Killed{SIGTERM});
        run_until([this] { return stopped > 0; });
    }

    /// Segment 0, 1 or 2 with `copied` of its sectors; it is in sync when all are.
    dm::Copy segment(unsigned number, std::uint64_t copied) const {
        const std::uint64_t start = number * segment_length;
        return dm::SimulatedKernel::mirror(lvid, "vg", "lv", start + copied, total, start,
                                           segment_length);
    }

    /// The second leg has failed.
    static void make_unhealthy(dm::Copy& copy) { std::get<dm::Mirror>(copy.target).health = "AS"; }

    dm::Copy copying(unsigned number) const { return segment(number, segment_length / 10); }

    dm::Copy in_sync(unsigned number) const { return segment(number, segment_length); }

    /// Accepts the request and hands it to the monitor if it is new.
    std::shared_ptr<Operation> start(PollRequest request) {
        auto& store = request.abort ? aborts : polls;
        const auto accepted = std::get<Store::Accepted>(store.accept(std::move(request)));
        if (accepted.started)
            monitor.start(accepted.operation);
        settle();
        return accepted.operation;
    }

    PollRequest request(std::string_view interval = "15") const {
        return poll_request(lvid, interval);
    }

    /// The pvmove is watched in its first segment.
    std::shared_ptr<Operation> start_copying(std::string_view interval = "15") {
        simulated.quietly_set(lvid, copying(0));
        return start(request(interval));
    }

    /// The first segment is in sync and lvpoll commits it, as run 0.
    std::shared_ptr<Operation> start_stepping() {
        auto operation = start_copying();
        happen(in_sync(0));
        EXPECT_EQ(runs.size(), 1U);
        EXPECT_EQ(phase(operation), Phase::stepping);
        return operation;
    }

    /// The first segment is suspect and both legs are compared.
    std::shared_ptr<Operation> start_verifying() {
        auto operation = start_copying();
        ++errors.now.errors;
        happen(in_sync(0));
        EXPECT_EQ(phase(operation), Phase::verifying);
        run_until([this] { return comparison.started() == 1; });
        return operation;
    }

    void start_abort() { abort = start(abort_request(lvid)); }

    /// The kernel's view changes, with an event.
    void happen(const dm::View& view) {
        clock.advance(KernelWatch::longest_pause);
        simulated.set(lvid, view);
        settle();
    }

    /// The kernel's view changes and nobody is told.
    void happen_quietly(const dm::View& view) { simulated.quietly_set(lvid, view); }

    /// An event of some device.
    void raise_event() {
        clock.advance(KernelWatch::longest_pause);
        simulated.raise();
        settle();
    }

    /// The run has done its work: its LV's copy is gone, and it ends with 0.
    void succeed(std::size_t run) {
        simulated.quietly_set(std::string(runs.at(run).request.identity.lvid()), dm::Inactive{});
        end(run, Exited{0});
    }

    /// Ends the run of this number.
    void end(std::size_t run, ExitStatus status) {
        runs.at(run).end(status);
        settle();
    }

    /// The comparison ends with this, which is logged.
    void finish_comparison(verify::Outcome outcome) {
        const auto messages = log.messages.size();
        comparison.finish(std::move(outcome));
        run_until([&] { return log.messages.size() > messages; });
        settle();
    }

    void advance(std::chrono::nanoseconds duration) {
        clock.advance(duration);
        settle();
    }

    void stop() {
        monitor.stop([this] { ++stopped; });
        settle();
    }

    /// Lets the loop do all that can be done now.
    void settle() {
        kernel.allow_more_questions();
        do {
            context.restart();
        } while (context.poll() > 0);
    }

    /// Lets the loop run until `condition`, which depends on another thread.
    template <typename Condition>
    void run_until(Condition condition) {
        kernel.allow_more_questions();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            context.restart();
            context.run_one_for(std::chrono::milliseconds(10));
        }
        EXPECT_TRUE(condition()) << "did not happen in ten seconds";
    }

    static std::optional<Result> result(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().result;
    }

    static Phase phase(const std::shared_ptr<Operation>& operation) {
        return operation->snapshot().phase;
    }

    const std::string lvid = std::string(64, 'b');
    /// Of an LV that isn't polled; found first when names are looked up.
    const std::string other_lvid = std::string(64, 'a');

    struct Context : asio::io_context {
        using asio::execution_context::shutdown;
        using asio::io_context::io_context;
    };

    Context context{1};
    VirtualClock clock;
    RecordingLog log;
    dm::SimulatedKernel simulated;
    HookedKernel kernel{simulated};
    KernelWatch events{context.get_executor(), clock, kernel};
    FakeCopyErrors errors{clock, log};
    FakeComparison comparison;
    bool shared_locks = false;
    Watching watching{events,
                      Trust(Verify::suspect, errors,
                            [this](const dm::Copy& copy, const std::stop_token& stop) {
                                return comparison.run(copy, stop);
                            }),
                      [this] { return shared_locks; }};
    HookedLauncher launcher;
    std::deque<FakeLauncher::Run>& runs = launcher.fake.runs;
    Store polls{Retention{}};
    Store aborts{Retention{}};
    int ended = 0;
    int stopped = 0;
    std::shared_ptr<Operation> abort;      ///< of start_abort()
    std::optional<LockHolder> lock_holder; ///< that every lvpoll waits for
    Monitor monitor{{context.get_executor(), clock, launcher, log, &watching, &kernel,
                     [this](pid_t) { return lock_holder; }},
                    [this] { ++ended; }};
};

} // namespace lvmpolld
