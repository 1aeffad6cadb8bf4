// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump_client.h"

#include "base/error.h"
#include "base/temporary_folder.h"
#include "base/unix_socket.h"

#include <sys/socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <string_view>
#include <thread>

namespace lvmpolld {
namespace {

/// A daemon that reads one request, sends this and closes.
class DumpClientTest : public testing::Test {
protected:
    /// What is printed, or the error.
    std::string dump(std::string_view answer) {
        FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = unix_address(path);
        if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
                0 ||
            ::listen(listener.get(), 1) != 0)
            throw_errno("cannot listen");
        std::thread daemon([&] {
            const FileDescriptor client(::accept(listener.get(), nullptr, nullptr));
            char request[64];
            ::recv(client.get(), request, sizeof(request), 0);
            ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        });
        auto printed = ask();
        daemon.join();
        return printed;
    }

    std::string ask() {
        testing::internal::CaptureStdout();
        std::string error;
        try {
            print_dump(path);
        } catch (const std::exception& failure) {
            error = failure.what();
        }
        return testing::internal::GetCapturedStdout() + error;
    }

    TemporaryFolder folder;
    const std::string path = folder / "socket";
};

TEST_F(DumpClientTest, PrintsEachLineBehindTwoSpaces) {
    EXPECT_EQ(dump("a {\n\n}\n##\n"), "  a {\n  \n  }\n");
}

TEST_F(DumpClientTest, HalfAnAnswerIsAnError) {
    EXPECT_EQ(dump("a {\n"), "lvmpolld on " + path + " closed the connection before it answered");
}

TEST_F(DumpClientTest, NobodyThereIsAnError) {
    EXPECT_THAT(ask(), testing::StartsWith("no lvmpolld answers on " + path));
}

} // namespace
} // namespace lvmpolld
