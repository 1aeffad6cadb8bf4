// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/forked.h"
#include "base/log.h"
#include "engine/monitor.h"
#include "failing_allocation.h"
#include "operation/test_request.h"

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lvmpolld {

/// Messages cost the memory that it takes to make them.
class SilentLog final : public Log {
public:
    bool enabled(LogLevel) const noexcept override { return true; }

    void write(LogLevel, std::string) noexcept override {}
};

/// What has come of one allocation that failed.
inline constexpr auto all_is_well = "";
inline constexpr auto none_failed = "none failed";
inline constexpr auto daemon_ended = "the daemon ended, and the next one goes on";

/// Plays the scenario in a process of its own, which may end as the daemon does when nobody handles
/// a failure.
template <typename World, typename Scenario>
std::string play(const Scenario& scenario, long number) {
    auto outcome = forked([&]() -> std::string {
        ::close(STDERR_FILENO); // what the runtime says of the end
        World world;
        const auto operation = world.accept(World::lvid);
        if (!scenario(world, operation, number))
            return none_failed;
        world.go_on(operation);
        if (!operation->snapshot().result)
            return "in progress for ever: " + std::string(name(operation->snapshot().phase)) +
                   ", " + operation->snapshot().waits_for;
        const auto later = world.accept(World::later_lvid);
        world.monitor.start(later);
        world.go_on(later);
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
template <typename World, typename Scenario>
void fail_each_allocation(const Scenario& scenario) {
    unsigned survived = 0;
    long number = 0;
    for (auto outcome = play<World>(scenario, number); outcome != none_failed;
         outcome = play<World>(scenario, ++number)) {
        survived += outcome == all_is_well ? 1U : 0U;
        ASSERT_TRUE(outcome == all_is_well || outcome == daemon_ended)
            << "allocation " << number << ": " << outcome;
    }
    EXPECT_GT(number, 1) << "nothing was allocated";
    EXPECT_GT(survived, 0U) << "each one ended the daemon";
}

} // namespace lvmpolld
