// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"
#include "base/file_descriptor.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lvmpolld::bench {

/// What ends every message, docs/protocol.md.
inline constexpr std::string_view terminator = "\n##\n";

inline sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::invalid_argument(path + ": too long for a socket's address");
    path.copy(address.sun_path, path.size());
    return address;
}

/// A connection used the way `lvm` uses it: blocking, one request at a time. A reply is awaited for
/// 10 s.
class Client {
public:
    explicit Client(const std::string& path)
        : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const sockaddr_un address = address_of(path);
        const timeval patience{10, 0};
        if (!socket_ ||
            setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
            connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
                0)
            throw_errno(path);
    }

    void send(std::string_view message) {
        if (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(message.size()))
            throw_errno("send");
    }

    /// One whole reply; it is valid until the next call.
    std::string_view receive() {
        std::size_t length = 0;
        while (!std::string_view{reply_.data(), length}.ends_with(terminator)) {
            const ssize_t received =
                recv(socket_.get(), reply_.data() + length, reply_.size() - length, 0);
            if (received < 0)
                throw_errno("recv");
            if (received == 0)
                throw std::runtime_error("the reply has no end");
            length += static_cast<std::size_t>(received);
        }
        return {reply_.data(), length};
    }

private:
    FileDescriptor socket_;
    std::array<char, 1024> reply_{};
};

} // namespace lvmpolld::bench
