// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session_threads.h"

#include "base/recording_log.h"
#include "daemon/notification_test.h"
#include "daemon/service.h"
#include "operation/claims.h"
#include "operation/operation.h"
#include "operation/test_request.h"
#include "state/state_directory.h"

#include <sys/socket.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace lvmpolld {
namespace {

TEST(SessionThreads, KeptClaimsAreFreeIfThereIsNoSocket) {
    Store polls{Retention{}};
    Store aborts{Retention{}};
    RecordingLog log;
    Service service(polls, aborts, "watch", log, [](const std::shared_ptr<Operation>&) {});
    int left = 0;
    SessionThreads sessions(service, nullptr, nullptr, log, [&] { ++left; });
    const auto operation = std::get<Store::Accepted>(polls.accept(poll_request(), 7)).operation;
    ASSERT_TRUE(polls.finish(*operation, Exited{5}));
    auto claims = std::make_unique<Claims>(7, true);
    claims->restore(operation, 1);

    sessions.take_up(FileDescriptor(1 << 20), std::move(claims)); // no such descriptor
    sessions.main().poll();
    EXPECT_EQ(left, 1);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
    EXPECT_TRUE(operation->held_claims().empty());
    Claims later;
    EXPECT_EQ(std::get<Result>(later.read(polls, "id")), Result(Exited{5}));
}

/// A daemon has died while it answered session 7, the connection between `client` and `server`.
class InterruptedAnswer : public NotificationTest {
protected:
    InterruptedAnswer() {
        int ends[2];
        if (!state.make() ||
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            throw_errno("cannot prepare the test");
        client.reset(ends[0]);
        server.reset(ends[1]);
        AnswerMarks(state.path()).of(1) = 7;
    }

    /// What the client reads of a next daemon.
    std::string read_of_the_next() {
        SessionThreads sessions(service, &state, nullptr, log, [] {});
        sessions.take_up(std::move(server), std::make_unique<Claims>(7, true));
        sessions.main().poll();
        char buffer[64];
        const auto count = ::recv(client.get(), buffer, sizeof(buffer), 0);
        if (count < 0)
            return "nothing";
        return count == 0 ? "the end" : std::string(buffer, static_cast<std::size_t>(count));
    }

    FileDescriptor manager = receiver(folder / "notify");
    RecordingLog log;
    StateDirectory state{folder / "state", log};
    Store polls{Retention{}};
    Store aborts{Retention{}};
    Service service{polls, aborts, "watch", log, [](const std::shared_ptr<Operation>&) {}};
    FileDescriptor client;
    FileDescriptor server;
};

TEST_F(InterruptedAnswer, ThatMayBeLostEndsTheConnection) {
    EXPECT_EQ(read_of_the_next(), "the end");
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
}

TEST_F(InterruptedAnswer, ThatWasSentKeepsTheConnection) {
    ASSERT_EQ(::send(server.get(), "answer", 6, 0), 6);
    EXPECT_EQ(read_of_the_next(), "answer");
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
}

TEST_F(InterruptedAnswer, ToARequestInTheSocketIsGivenAgain) {
    const std::string request = "request=\"hello\"\n##\n";
    ASSERT_EQ(::send(client.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    EXPECT_EQ(read_of_the_next().substr(0, 15), "response = \"OK\"");
}

TEST_F(InterruptedAnswer, OfAnotherSessionIsNoneOfThis) {
    AnswerMarks(state.path()).of(1) = 8;
    EXPECT_EQ(read_of_the_next(), "nothing");
}

} // namespace
} // namespace lvmpolld
