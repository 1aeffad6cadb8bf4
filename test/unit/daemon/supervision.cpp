// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/supervision.h"

#include "daemon/notification_test.h"
#include "operation/operation.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SupervisionTest : public NotificationTest {
protected:
    /// As long as nothing else is said, the watchdog waits for 30 ms.
    Supervision& supervision(std::chrono::microseconds watchdog = 30ms) {
        return *(supervision_ = std::make_unique<Supervision>(
                     loop, [this](auto answer) { asked.push_back(std::move(answer)); }, polls,
                     aborts, watchdog, 10ms));
    }

    std::shared_ptr<Operation> begin(Store& store, const PollRequest& request) {
        return std::get<Store::Accepted>(store.accept(request)).operation;
    }

    /// What the manager is told next.
    std::string next() {
        for (;;) {
            if (auto text = receive(manager.get()).first; text != "nothing")
                return text;
            loop.restart();
            if (loop.run_one_for(5s) == 0)
                return "nothing";
        }
    }

    /// The monitor's loop answers what it was asked.
    void answer() {
        ASSERT_FALSE(asked.empty());
        for (auto& function : std::exchange(asked, {}))
            function();
    }

    FileDescriptor manager = receiver(folder / "notify");
    asio::io_context loop;
    Store polls{{}};
    Store aborts{{}};
    std::vector<std::function<void()>> asked;
    std::unique_ptr<Supervision> supervision_;
};

TEST_F(SupervisionTest, AnIdleDaemonHasNoWatchdog) {
    supervision().ready();
    EXPECT_EQ(next(), "READY=1\nSTATUS=no operations\nWATCHDOG_USEC=0");
    loop.restart();
    loop.run_for(100ms);
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(receive(manager.get()).first, "nothing");
}

TEST_F(SupervisionTest, OperationsStartTheWatchdog) {
    supervision().ready();
    next();
    begin(polls, poll_request("id"));
    supervision_->update();
    EXPECT_EQ(next(), "WATCHDOG=1\nSTATUS=1 operation, vg/lv\nWATCHDOG_USEC=30000");
}

TEST_F(SupervisionTest, EveryAnswerIsASignOfLife) {
    begin(polls, poll_request("id"));
    supervision().ready();
    EXPECT_EQ(next(), "READY=1\nSTATUS=1 operation, vg/lv\nWATCHDOG_USEC=30000");
    for (int round = 0; round < 3; ++round) {
        while (asked.empty())
            loop.run_one();
        answer();
        EXPECT_THAT(next(), HasSubstr("WATCHDOG=1"));
    }
}

TEST_F(SupervisionTest, AMonitorThatHangsIsNoSignOfLife) {
    begin(polls, poll_request("id"));
    supervision().ready();
    next();
    loop.restart();
    loop.run_for(100ms);
    EXPECT_EQ(receive(manager.get()).first, "nothing");
    EXPECT_EQ(asked.size(), 1U) << "it is asked once";
}

TEST_F(SupervisionTest, TheLastEndStopsTheWatchdog) {
    const auto operation = begin(polls, poll_request("id"));
    supervision().ready();
    next();
    polls.fail(*operation);
    supervision_->update();
    EXPECT_EQ(next(), "STATUS=no operations\nWATCHDOG_USEC=0");
    answer();
    loop.restart();
    loop.run_for(50ms);
    EXPECT_EQ(receive(manager.get()).first, "nothing");
}

TEST_F(SupervisionTest, NobodyWaitsWithoutAWatchdog) {
    begin(polls, poll_request("id"));
    supervision(0us).ready();
    EXPECT_EQ(next(), "READY=1\nSTATUS=1 operation, vg/lv");
}

TEST_F(SupervisionTest, TheStopAsksForItsTime) {
    begin(polls, poll_request("id"));
    supervision().stopping(20s);
    EXPECT_EQ(next(), "STOPPING=1\nSTATUS=stopping, 1 operation, vg/lv\nWATCHDOG_USEC=0\n"
                      "EXTEND_TIMEOUT_USEC=20000000");
}

TEST_F(SupervisionTest, AReloadEndsReady) {
    supervision().reloading();
    EXPECT_THAT(next(), testing::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    supervision_->ready();
    EXPECT_THAT(next(), testing::StartsWith("READY=1\n"));
}

TEST_F(SupervisionTest, TheStatusNamesOneWithItsProgress) {
    EXPECT_EQ(service_status(polls, aborts), "no operations");
    const auto first = begin(polls, poll_request("id1"));
    first->set_progress({42, 100});
    EXPECT_EQ(service_status(polls, aborts), "1 operation, vg/lv 42 %");
    begin(aborts, abort_request("id1"));
    EXPECT_EQ(service_status(polls, aborts), "2 operations, vg/lv 42 %");
}

} // namespace
} // namespace lvmpolld
