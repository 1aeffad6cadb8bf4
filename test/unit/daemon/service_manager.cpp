// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/service_manager.h"

#include "daemon/deliver.h"
#include "daemon/descriptor_store.h"
#include "daemon/notification_test.h"

#include "base/forked.h"

#include <asio/co_spawn.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// What a process finds that was started with these variables and with open descriptors 3 to 5, one
/// line for each.
/// "%" in `pid` stands for the process's own PID.
std::string found(std::string pid, const char* count, const char* names) {
    return forked([&] {
        // Leave the descriptor by which forked() reports; it may be one of those.
        for (int number = 3; number <= 5; ++number)
            if (::fcntl(number, F_GETFD) < 0)
                ::dup2(STDERR_FILENO, number);
        const auto set = [](const char* variable, const char* value) {
            value != nullptr ? ::setenv(variable, value, 1) : ::unsetenv(variable);
        };
        if (pid == "%")
            pid = std::to_string(::getpid());
        set("LISTEN_PID", pid.empty() ? nullptr : pid.c_str());
        set("LISTEN_FDS", count);
        set("LISTEN_FDNAMES", names);
        std::string text;
        for (auto& [descriptor, name] : take_passed_descriptors()) {
            const bool closes = ::fcntl(descriptor.get(), F_GETFD) == FD_CLOEXEC;
            text += std::to_string(descriptor.release()) + " '" + name + "'" +
                    (closes ? "" : " stays open") + "\n";
        }
        return text;
    });
}

TEST(PassedDescriptors, AreThoseFrom3OnWithTheirNames) {
    EXPECT_EQ(found("%", "1", "lvmpolld.socket"), "3 'lvmpolld.socket'\n");
    EXPECT_EQ(found("%", "3", "a::c"), "3 'a'\n4 ''\n5 'c'\n");
}

TEST(PassedDescriptors, MayHaveNoOrTooFewNames) {
    EXPECT_EQ(found("%", "2", nullptr), "3 ''\n4 ''\n");
    EXPECT_EQ(found("%", "2", ""), "3 ''\n4 ''\n");
    EXPECT_EQ(found("%", "2", "a"), "3 'a'\n4 ''\n");
    EXPECT_EQ(found("%", "1", "a:b:c"), "3 'a'\n");
}

TEST(PassedDescriptors, AreNoneWithoutAServiceManager) {
    EXPECT_EQ(found("", nullptr, nullptr), "");
    EXPECT_EQ(found("%", nullptr, nullptr), "");
    EXPECT_EQ(found("", "1", nullptr), "");
}

TEST(PassedDescriptors, OfAnotherProcessAreNotOurs) {
    EXPECT_EQ(found("1", "1", "a"), "");
    EXPECT_EQ(found("x", "1", "a"), "");
}

TEST(PassedDescriptors, ANumberThatIsNoneIsNone) {
    for (const auto* count : {"", "0", "-1", "x", "99999999999"})
        EXPECT_EQ(found("%", count, "a"), "") << count;
}

TEST_F(NotificationTest, IsOneDatagram) {
    const auto manager = receiver(folder / "notify");
    EXPECT_TRUE(Notification("READY=1").send());
    const auto [text, descriptor] = receive(manager.get());
    EXPECT_EQ(text, "READY=1");
    EXPECT_FALSE(descriptor);
    EXPECT_EQ(receive(manager.get()).first, "nothing");
}

TEST_F(NotificationTest, ReachesAnAbstractSocket) {
    const auto manager = receiver("@lvmpolld-test-" + std::to_string(::getpid()));
    EXPECT_TRUE(Notification("STOPPING=1").send());
    EXPECT_EQ(receive(manager.get()).first, "STOPPING=1");
}

TEST_F(NotificationTest, HandsADescriptorOver) {
    const auto manager = receiver(folder / "notify");
    const FileDescriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(Notification("FDSTORE=1", null.get()).send());
    const auto [text, descriptor] = receive(manager.get());
    EXPECT_EQ(text, "FDSTORE=1");
    EXPECT_TRUE(descriptor);
    EXPECT_NE(descriptor.get(), null.get());
}

TEST_F(NotificationTest, WithoutAServiceManagerIsNothing) {
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_TRUE(Notification("READY=1").send());
    for (const auto& path : {std::string(), std::string("relative"), folder / "missing",
                             "/" + std::string(200, 'x')}) {
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        EXPECT_TRUE(Notification("READY=1").send());
    }
}

/// Sends until nothing more fits.
void fill_queue() {
    for (int i = 0; Notification("WATCHDOG=1").send(); ++i)
        ASSERT_LT(i, 1'000'000);
}

TEST_F(NotificationTest, OneThatDoesNotFitIsSentOnceItDoes) {
    const auto manager = receiver(folder / "notify");
    fill_queue();
    Notification ready("READY=1");
    EXPECT_FALSE(ready.send());
    pollfd room{.fd = ready.socket(), .events = POLLOUT, .revents = 0};
    EXPECT_EQ(::poll(&room, 1, 0), 0);
    while (receive(manager.get()).first != "nothing") {
    }
    EXPECT_EQ(::poll(&room, 1, 0), 1);
    EXPECT_TRUE(ready.send());
    EXPECT_EQ(receive(manager.get()).first, "READY=1");
}

TEST_F(NotificationTest, WithoutADescriptorForItIsSentLater) {
    const auto manager = receiver(folder / "notify");
    const auto taken = forked([] {
        rlimit none{0, 0};
        ::setrlimit(RLIMIT_NOFILE, &none);
        Notification ready("READY=1");
        return std::string(ready.send() || ready.socket() != -1 ? "sent" : "");
    });
    EXPECT_EQ(taken, "");
}

TEST_F(NotificationTest, DeliveryWaitsUntilTheManagerReads) {
    const auto manager = receiver(folder / "notify");
    fill_queue();
    asio::io_context context;
    std::optional<bool> taken;
    asio::co_spawn(
        context, deliver(Notification("READY=1"), context.get_executor(), std::chrono::minutes(1)),
        [&](const std::exception_ptr&, bool result) { taken = result; });
    context.poll();
    EXPECT_FALSE(taken);
    while (receive(manager.get()).first != "nothing") {
    }
    context.run();
    EXPECT_EQ(taken, true);
    EXPECT_EQ(receive(manager.get()).first, "READY=1");
}

TEST_F(NotificationTest, DeliveryHasAnEnd) {
    const auto manager = receiver(folder / "notify");
    fill_queue();
    asio::io_context context;
    std::optional<bool> taken;
    asio::co_spawn(
        context,
        deliver(Notification("READY=1"), context.get_executor(), std::chrono::milliseconds(1)),
        [&](const std::exception_ptr&, bool result) { taken = result; });
    context.run();
    EXPECT_EQ(taken, false);
}

TEST(DescriptorStore, KnowsItsOwnNamesFromOthers) {
    EXPECT_EQ(DescriptorStore::session_of("client-17"), 17U);
    for (const auto* name :
         {"lvm2-lvmpolld.socket", "client-", "client-0", "client-1x", "client-x", "", "stored"})
        EXPECT_FALSE(DescriptorStore::session_of(name)) << name;
}

TEST(WatchdogTime, IsTheManagersIfItWaitsForThisProcess) {
    EXPECT_EQ(watchdog_time(60s), 60s);
    ::setenv("WATCHDOG_USEC", "180000000", 1);
    EXPECT_EQ(watchdog_time(0s), 180s);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(watchdog_time(60s), 60s);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(watchdog_time(60s), 180s);
    ::setenv("WATCHDOG_USEC", "nonsense", 1);
    EXPECT_EQ(watchdog_time(60s), 60s);
    ::unsetenv("WATCHDOG_PID");
    ::unsetenv("WATCHDOG_USEC");
}

} // namespace
} // namespace lvmpolld
