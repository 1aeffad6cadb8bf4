// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/virtual_clock.h"
#include "engine/failing_world.h"
#include "engine/loop.h"
#include "lvpoll/fake_lvpoll.h"

#include <chrono>

namespace lvmpolld {
namespace {

/// A monitor without a kernel to watch, new for each failure.
struct World {
    static constexpr auto lvid = "id";
    static constexpr auto later_lvid = "later";

    World() = default;

    ~World() { context.shutdown(); }

    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::shared_ptr<Operation> accept(const std::string& id) {
        return std::get<Store::Accepted>(polls.accept(poll_request(id))).operation;
    }

    void settle() {
        context.restart();
        context.poll();
    }

    /// Ends what runs, and lets the time pass in which a later attempt would come.
    void go_on(const std::shared_ptr<Operation>&) {
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

TEST(WithoutMemory, AnOperationIsStartedOrEnds) {
    fail_each_allocation<World>(
        [](World& world, const std::shared_ptr<Operation>& operation, long number) {
            return without_memory(number, [&] {
                world.monitor.start(operation);
                world.settle();
            });
        });
}

TEST(WithoutMemory, TheEndOfAnLvpollIsAResult) {
    fail_each_allocation<World>(
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
