// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/simulated_kernel.h"
#include "engine/fake_comparison.h"
#include "engine/hooked_kernel.h"
#include "engine/polling_test.h"

#include <gtest/gtest.h>

#include <string>

namespace lvmpolld {

/// The monitor on a simulated kernel, in virtual time. The LV is vg/lv unless a test says
/// otherwise; a pvmove has three segments.
class WatchTest : public PollingTest {
protected:
    static constexpr std::uint64_t segment_length = 1000;
    static constexpr std::uint64_t total = 3 * segment_length;

    WatchTest() = default;

    Monitor& monitor() override { return monitor_; }

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

    PollRequest request(std::string_view interval = "15") const {
        return poll_request(lvid, interval);
    }

    PollRequest request_for(OperationType type, std::string_view interval = "15") const {
        auto result = request(interval);
        result.type = type;
        return result;
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

    /// The comparison ends with this, which is logged.
    void finish_comparison(verify::Outcome outcome) {
        const auto messages = log.messages.size();
        comparison.finish(std::move(outcome));
        run_until([&] { return log.messages.size() > messages; });
        settle();
    }

    void settle() override {
        kernel.allow_more_questions();
        PollingTest::settle();
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

    const std::string lvid = std::string(64, 'b');
    /// Of an LV that isn't polled; found first when names are looked up.
    const std::string other_lvid = std::string(64, 'a');

    dm::SimulatedKernel simulated;
    HookedKernel kernel{simulated};
    KernelWatch events{context.get_executor(), clock, kernel};
    FakeCopyErrors errors{clock, log};
    FakeComparison comparison;
    bool shared_locks = false;
    Watching watching{events,
                      Trust(Verify::suspect, errors,
                            [this](const dm::Copy& copy, const std::stop_token& stop,
                                   verify::Compared&) { return comparison.run(copy, stop); }),
                      [this] { return shared_locks; }};
    std::shared_ptr<Operation> abort;      ///< of start_abort()
    std::optional<LockHolder> lock_holder; ///< that every lvpoll waits for
    Monitor monitor_{{context.get_executor(), clock, launcher, log, &watching, &kernel,
                      [this](pid_t) { return lock_holder; }},
                     [this] { ++ended; }};
};

} // namespace lvmpolld
