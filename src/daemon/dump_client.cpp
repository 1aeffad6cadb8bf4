// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump_client.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/limits.h"
#include "wire/framing.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace lvmpolld {

namespace {

FileDescriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        throw_errno("the socket's path " + path + " is too long", ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = limits::client_stall.count(), .tv_usec = 0};
    if (!socket ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0)
        throw_errno("cannot make a socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw_errno("no lvmpolld answers on " + path);
    return socket;
}

void print_lines(std::string_view text) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        std::printf("  %.*s\n", static_cast<int>(line.size()), line.data());
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw_errno("cannot write the dump");
}

} // namespace

void print_dump(const std::string& path) {
    const auto socket = connect_to(path);
    const auto request = std::string("request=\"dump\"").append(wire::terminator);
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
        throw_errno("cannot ask lvmpolld on " + path);
    wire::Framing framing(std::numeric_limits<std::size_t>::max() / 4);
    for (;;) {
        if (const auto next = framing.next();
            const auto* reply = std::get_if<std::string_view>(&next))
            return print_lines(*reply);
        const auto space = framing.space();
        const auto count = ::recv(socket.get(), space.data(), space.size(), 0);
        if (count < 0)
            throw_errno("cannot read the answer of lvmpolld on " + path);
        if (count == 0)
            throw std::runtime_error("lvmpolld on " + path +
                                     " closed the connection before it answered");
        framing.received(static_cast<std::size_t>(count));
    }
}

} // namespace lvmpolld
