// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/virtual_clock.h"
#include "dm/simulated_kernel.h"
#include "engine/failing_world.h"
#include "engine/fake_comparison.h"
#include "engine/loop.h"
#include "lvpoll/fake_lvpoll.h"

#include <asio/executor_work_guard.hpp>

#include <chrono>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// A monitor that watches a pvmove of three segments, new for each failure.
struct WatchWorld {
    static constexpr std::string_view lvid =
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    static constexpr std::string_view later_lvid =
        "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

    WatchWorld() = default;

    ~WatchWorld() { context.shutdown(); }

    WatchWorld(const WatchWorld&) = delete;
    WatchWorld& operator=(const WatchWorld&) = delete;

    std::shared_ptr<Operation> accept(std::string_view id) {
        return std::get<Store::Accepted>(polls.accept(poll_request(id))).operation;
    }

    void settle() {
        context.restart();
        context.poll();
    }

    void see(unsigned segment, std::uint64_t copied) {
        clock.advance(KernelWatch::longest_pause);
        simulated.set(std::string(lvid),
                      dm::SimulatedKernel::mirror(lvid, "vg", "lv", 1000 * segment + copied, 3000,
                                                  1000 * segment, 1000));
        settle();
    }

    void start(const std::shared_ptr<Operation>& operation) {
        see(0, 1);
        monitor.start(operation);
        settle();
    }

    /// The copy is suspect, and its legs are compared.
    void compare(const std::shared_ptr<Operation>& operation) {
        start(operation);
        ++errors.now.errors;
        see(0, 1000);
    }

    /// The move is over. Ends what runs, and lets the time pass in which a later attempt would
    /// come.
    void go_on(const std::shared_ptr<Operation>& operation) {
        comparison.finish(verify::Equal{1000});
        simulated.quietly_set(std::string(lvid), dm::Inactive{});
        for (int attempt = 0; attempt < 10; ++attempt) {
            for (std::size_t run = 0; run < launcher.runs.size(); ++run)
                if (launcher.runs[run].running())
                    launcher.runs[run].end(Exited{0});
            context.restart();
            context.poll();
            const auto state = operation->snapshot();
            if (state.phase == Phase::verifying && state.waits_for.empty())
                context.run_one_for(1s); // the end of a comparison comes from its thread
            settle();
            clock.advance(1min);
            settle();
        }
    }

    Loop context{1};
    /// A comparison's thread is no work that the loop knows of.
    asio::executor_work_guard<asio::io_context::executor_type> work =
        asio::make_work_guard(context);
    VirtualClock clock;
    SilentLog log;
    dm::SimulatedKernel simulated;
    KernelWatch events{context.get_executor(), clock, simulated};
    FakeCopyErrors errors{clock, log};
    FakeComparison comparison;
    Watching watching{events,
                      Trust(Verify::suspect, errors,
                            [this](const dm::Copy& copy, const std::stop_token& stop,
                                   verify::Compared&) { return comparison.run(copy, stop); }),
                      [] { return false; }};
    FakeLauncher launcher;
    Store polls{Retention{}};
    Store aborts{Retention{}};
    Monitor monitor{{context.get_executor(), clock, launcher, log, &watching, &simulated}, [] {}};
};

using WatchedOperation = std::shared_ptr<Operation>;

TEST(WatchWithoutMemory, AnOperationIsWatchedOrEnds) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.see(0, 1);
            return without_memory(number, [&] {
                world.monitor.start(operation);
                world.settle();
            });
        });
}

TEST(WatchWithoutMemory, AnEventIsActedUpon) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.start(operation);
            return without_memory(number, [&] { world.see(0, 1000); });
        });
}

TEST(WatchWithoutMemory, AStepIsFollowedByTheNextSegment) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.start(operation);
            world.see(0, 1000);
            return without_memory(number, [&] {
                world.see(1, 1);
                world.launcher.runs.at(0).end(Exited{5});
                world.settle();
            });
        });
}

TEST(WatchWithoutMemory, ASuspectCopyIsCompared) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.start(operation);
            ++world.errors.now.errors;
            return without_memory(number, [&] { world.see(0, 1000); });
        });
}

TEST(WatchWithoutMemory, ABadCopyIsNeverCommitted) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.compare(operation);
            world.comparison.finish(verify::Different{{"/dev/sda", 1}, {"/dev/sdb", 1}, 8});
            const bool failed = without_memory(number, [&] {
                for (int turn = 0; turn < 100 && !operation->snapshot().result; ++turn) {
                    world.context.restart();
                    world.context.run_one_for(10ms);
                }
            });
            if (!world.launcher.runs.empty())
                throw std::logic_error("it was committed");
            return failed;
        });
}

TEST(WatchWithoutMemory, AnAbortFencesOrEnds) {
    fail_each_allocation<WatchWorld>(
        [](WatchWorld& world, const WatchedOperation& operation, long number) {
            world.start(operation);
            auto request = abort_request(WatchWorld::lvid);
            const auto abort = std::get<Store::Accepted>(world.aborts.accept(request)).operation;
            return without_memory(number, [&] {
                world.monitor.start(abort);
                world.settle();
            });
        });
}

} // namespace
} // namespace lvmpolld
