// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/forked.h"
#include "base/virtual_clock.h"
#include "engine/loop.h"
#include "engine/monitor.h"
#include "failing_allocation.h"
#include "lvpoll/fake_lvpoll.h"
#include "operation/test_request.h"

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace lvmpolld {
namespace {

/// Messages cost the memory that it takes to make them.
class SilentLog final : public Log {
public:
    bool enabled(LogLevel) const noexcept override { return true; }

    void write(LogLevel, std::string) noexcept override {}
};

/// A monitor without a kernel to watch, new for each failure.
struct World {
    ~World() { context.shutdown(); }

    std::shared_ptr<Operation> accept(const std::string& lvid) {
        return std::get<Store::Accepted>(polls.accept(poll_request(lvid))).operation;
    }

    void settle() {
        context.restart();
        context.poll();
    }

    /// Ends what runs, and lets the time pass in which a later attempt would come.
    void go_on() {
        for (int attempt = 0; attempt < 10; ++attempt) {
            for (std::size_t run = 0; run < launcher.runs.size(); ++run)
                if (launcher.runs[run].running())
                    launcher.runs[run].end(Exited{0});
            settle();
            clock.advance(std::chrono::minutes(1));
            settle();
        }
    }

    Loop context{1};
    VirtualClock clock;
    FakeLauncher launcher;
    SilentLog log;
    Store polls{Retention{}};
    Monitor monitor{{context.get_executor(), clock, launcher, log}, [] {}};
};

/// What has come of one allocation that failed.
const std::string all_is_well; // NOLINT(cert-err58-cpp)
constexpr auto none_failed = "none failed";
constexpr auto daemon_ended = "the daemon ended, and the next one goes on";

/// Plays the scenario in a process of its own, which may end as the daemon does when nobody handles
/// a failure.
template <typename Scenario>
std::string play(const Scenario& scenario, long number) {
    auto outcome = forked([&]() -> std::string {
        ::close(STDERR_FILENO); // what the runtime says of the end
        World world;
        const auto operation = world.accept("id");
        if (!scenario(world, operation, number))
            return none_failed;
        world.go_on();
        if (!operation->snapshot().result)
            return "in progress for ever";
        const auto later = world.accept("later");
        world.monitor.start(later);
        world.go_on();
        return later->snapshot().result == Result(Exited{0}) ? all_is_well
                                                             : "the monitor has stopped";
    });
    const bool ended =
        outcome.starts_with("exception: std::bad_alloc") ||
        outcome.ends_with("ended with status " + std::to_string(SIGABRT) + ")") ||
        outcome.ends_with("ended with status " + std::to_string(SIGABRT | 0x80) + ")");
    return ended ? daemon_ended : outcome;
}

/// Plays `scenario` as often as it has allocations to fail, each time with the next one failing.
template <typename Scenario>
void fail_each_allocation(const Scenario& scenario) {
    unsigned survived = 0;
    long number = 0;
    for (auto outcome = play(scenario, number); outcome != none_failed;
         outcome = play(scenario, ++number)) {
        survived += outcome == all_is_well ? 1U : 0U;
        ASSERT_TRUE(outcome == all_is_well || outcome == daemon_ended)
            << "allocation " << number << ": " << outcome;
    }
    EXPECT_GT(number, 1) << "nothing was allocated";
    EXPECT_GT(survived, 0U) << "each one ended the daemon";
}

TEST(WithoutMemory, AnOperationIsStartedOrEnds) {
    fail_each_allocation(
        [](World& world, const std::shared_ptr<Operation>& operation, long number) {
            return without_memory(number, [&] {
                world.monitor.start(operation);
                world.settle();
            });
        });
}

TEST(WithoutMemory, TheEndOfAnLvpollIsAResult) {
    fail_each_allocation(
        [](World& world, const std::shared_ptr<Operation>& operation, long number) {
            world.monitor.start(operation);
            world.settle();
            return without_memory(number, [&] {
                world.launcher.runs.at(0).end(Exited{5});
                world.settle();
            });
        });
}

} // namespace
} // namespace lvmpolld
