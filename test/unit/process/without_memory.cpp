// SPDX-License-Identifier: LGPL-2.1-or-later
#include "failing_allocation.h"
#include "process/child.h"
#include "process/deadline.h"

#include <sys/wait.h>

#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <optional>

namespace lvmpolld {
namespace {

struct World {
    std::unique_ptr<Child> start(std::optional<ExitStatus>& end) {
        auto spawned = spawn({{"/bin/sh", "-c", "exit 5"}, {}});
        pid = std::get<SpawnedProcess>(spawned).pid;
        return std::make_unique<Child>(
            children, std::move(std::get<SpawnedProcess>(spawned)),
            [](Child::Stream, std::string_view) {}, [&](ExitStatus status) { end = status; });
    }

    asio::io_context context{1};
    Children children{context.get_executor()};
    pid_t pid = -1;
};

TEST(WithoutMemory, AChildIsWaitedForOrRefused) {
    bool failed = true;
    for (long number = 0; failed; ++number) {
        SCOPED_TRACE("allocation " + std::to_string(number));
        World world;
        std::optional<ExitStatus> first_end;
        std::unique_ptr<Child> first;
        try {
            failed = without_memory(number, [&] { first = world.start(first_end); });
        } catch (const std::bad_alloc&) {
            if (world.pid >= 0)
                reap_unwatched(world.pid);
        }
        std::optional<ExitStatus> second_end;
        const auto second = world.start(second_end);
        world.context.run_for(deadline);
        EXPECT_EQ(second_end, ExitStatus(Exited{5}));
        if (first) {
            EXPECT_EQ(first_end, ExitStatus(Exited{5}));
        }
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    }
}

} // namespace
} // namespace lvmpolld
