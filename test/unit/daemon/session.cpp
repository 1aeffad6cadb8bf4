// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "base/recording_log.h"
#include "base/virtual_clock.h"
#include "daemon/loop_context.h"
#include "daemon/notification_test.h"
#include "wire/reply.h"

#include <asio/co_spawn.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

const std::string hello = "request=\"hello\"\n##\n";

/// One client, whose connection the service manager keeps.
class SessionTest : public NotificationTest {
protected:
    SessionTest() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            throw_errno("socketpair");
        client.reset(ends[0]);
        server = ends[1];
        asio::co_spawn(context, serve(FileDescriptor(ends[1])), must_not_fail);
        settle();
    }

    ~SessionTest() override { context.shutdown(); }

    Session::Awaitable<void> serve(FileDescriptor descriptor) {
        auto socket = owner_of<Session::Socket>(std::move(descriptor), context,
                                                asio::local::stream_protocol());
        Session session(socket, service, &store, answering, claims, record_wait, clock);
        co_await session.run();
        over = true;
    }

    void settle() {
        context.restart();
        while (context.poll() > 0) {
        }
    }

    void pass(Clock::TimePoint::duration duration) {
        clock.advance(duration);
        settle();
    }

    void send(std::string_view text) {
        ASSERT_EQ(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
        settle();
    }

    /// Sends as much of `text` as the socket takes, and returns how much that was.
    std::size_t send_some(std::string_view text) {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const auto rest = text.substr(sent, 16 << 10);
            const auto count = ::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (count <= 0)
                break;
            sent += static_cast<std::size_t>(count);
            settle();
        }
        return sent;
    }

    std::string reply() {
        char buffer[4096];
        const auto count = ::recv(client.get(), buffer, sizeof(buffer), 0);
        return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : "nothing";
    }

    /// What the next daemon would find.
    int left_in_socket() {
        int unread = -1;
        ::ioctl(server, SIOCINQ, &unread);
        return unread;
    }

    FileDescriptor manager = receiver(folder / "notify");
    const std::string taken_back = "FDSTOREREMOVE=1\nFDNAME=client-7";
    LoopContext context{1};
    VirtualClock clock;
    RecordingLog log;
    Store polls{Retention{}};
    Store aborts{Retention{}};
    Service service{polls, aborts, "watch", log, [](const std::shared_ptr<Operation>&) {}};
    const DescriptorStore store;
    AnswerMarks::Mark answering = 0;
    Claims claims{7};
    RecordWait record_wait{context.get_executor(), nullptr};
    FileDescriptor client;
    int server = -1; ///< the daemon's end
    bool over = false;
};

TEST_F(SessionTest, HalfARequestStaysInTheSocket) {
    send(hello + hello.substr(0, 5));
    EXPECT_EQ(reply(), wire::reply::hello);
    EXPECT_EQ(left_in_socket(), 5);
    send(hello.substr(5));
    EXPECT_EQ(reply(), wire::reply::hello);
    EXPECT_EQ(left_in_socket(), 0);
    EXPECT_EQ(receive(manager.get()).first, "nothing");
}

TEST_F(SessionTest, ARequestThatStaysIncompleteIsTaken) {
    send(hello.substr(0, 5));
    pass(1s);
    EXPECT_EQ(receive(manager.get()).first, taken_back);
    EXPECT_EQ(left_in_socket(), 0);
    send(hello.substr(5));
    EXPECT_EQ(reply(), wire::reply::hello);
}

TEST_F(SessionTest, ItsIncompleteRequestIsWaitedForIn30S) {
    send(hello.substr(0, 5));
    pass(1s);
    pass(limits::client_stall - 1s);
    send(hello.substr(5, 5));
    pass(limits::client_stall - 1s);
    EXPECT_FALSE(over);
    pass(1s);
    EXPECT_TRUE(over);
}

TEST_F(SessionTest, AClientGoneAmidARequestIsLeftAtOnce) {
    send(hello.substr(0, 5));
    client.reset();
    settle();
    EXPECT_TRUE(over);
    EXPECT_EQ(receive(manager.get()).first, "nothing"); // the end of the session tells
}

TEST_F(SessionTest, AClientGoneAfterAPauseIsLeftAtOnce) {
    send(hello.substr(0, 5));
    pass(1s);
    client.reset();
    settle();
    EXPECT_TRUE(over);
}

TEST_F(SessionTest, AClientGoneAsItsPatienceEndsIsLeft) {
    send(hello.substr(0, 5));
    clock.advance(1s);
    client.reset();
    settle();
    EXPECT_TRUE(over);
}

TEST_F(SessionTest, ARequestThatFillsTheSocketIsTaken) {
    const std::string request = "#" + std::string(400'000, 'x') + "\n" + hello;
    const auto sent = send_some(request);
    ASSERT_LT(sent, request.size());
    pass(1s);
    EXPECT_EQ(left_in_socket(), 0);
    EXPECT_EQ(sent + send_some(request.substr(sent)), request.size());
    EXPECT_EQ(reply(), wire::reply::hello);
    EXPECT_EQ(receive(manager.get()).first, taken_back);
}

TEST_F(SessionTest, ATooLongRequestIsRefusedAndTaken) {
    const int room = 4 << 20;
    if (::setsockopt(client.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) != 0)
        GTEST_SKIP() << "needs CAP_NET_ADMIN for so large a buffer";
    const std::string request(limits::request_bytes + 10, 'x');
    EXPECT_EQ(send_some(request), request.size()); // all is in the socket before any is taken
    EXPECT_EQ(reply(), wire::reply::request_too_long);
    EXPECT_EQ(receive(manager.get()).first, taken_back);
    client.reset();
    settle();
    EXPECT_TRUE(over);
}

TEST_F(SessionTest, RepliesThatNobodyReadsEndTheKeeping) {
    std::string requests;
    constexpr unsigned count = 1000;
    for (unsigned number = 0; number < count; ++number)
        requests += hello;
    send(requests);
    EXPECT_EQ(receive(manager.get()).first, taken_back);
    std::string replies;
    for (auto more = reply(); more != "nothing"; more = reply()) {
        replies += more;
        settle();
    }
    EXPECT_EQ(replies.size(), count * wire::reply::hello.size());
}

TEST_F(SessionTest, AClientThatReadsNothingIsDroppedIn30S) {
    std::string requests;
    for (unsigned number = 0; number < 1000; ++number)
        requests += hello;
    send(requests);
    pass(limits::client_stall - 1s);
    EXPECT_FALSE(over);
    pass(1s);
    EXPECT_TRUE(over);
}

TEST_F(SessionTest, AtAStopTheRequestIsTheNextDaemons) {
    service.stop_starting();
    send(hello);
    EXPECT_EQ(reply(), "nothing");
    EXPECT_EQ(left_in_socket(), static_cast<int>(hello.size()));
    EXPECT_FALSE(over);
}

} // namespace
} // namespace lvmpolld
