// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "base/temporary_folder.h"
#include "daemon/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace lvmpolld {

/// Stands in for the service manager.
class NotificationTest : public testing::Test {
protected:
    ~NotificationTest() override { ::unsetenv("NOTIFY_SOCKET"); }

    /// The service manager's side.
    static FileDescriptor receiver(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        if (path.front() == '@')
            address.sun_path[0] = '\0';
        FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
            throw_errno("cannot bind " + path);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        return socket;
    }

    /// The text of the next message and the descriptor that came with it.
    static std::pair<std::string, FileDescriptor> receive(int socket) {
        char text[256];
        iovec data{text, sizeof(text)};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message{};
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        const auto count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        if (count < 0)
            return {"nothing", FileDescriptor()};
        FileDescriptor descriptor;
        if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
            int raw = -1;
            std::memcpy(&raw, CMSG_DATA(header), sizeof(raw));
            descriptor.reset(raw);
        }
        return {std::string(text, static_cast<std::size_t>(count)), std::move(descriptor)};
    }

    TemporaryFolder folder;
};

} // namespace lvmpolld
