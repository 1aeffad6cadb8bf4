// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unix_socket.h"

#include "base/error.h"
#include "base/limits.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>

namespace lvmpolld {

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        throw_errno("the socket's path " + path + " is too long", ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return address;
}

FileDescriptor connect_to_socket(const std::string& path) {
    const auto address = unix_address(path);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = limits::client_stall.count(), .tv_usec = 0};
    if (!socket ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0)
        throw_errno("cannot make a socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
        0) {
        const int reason = errno;
        socket.reset();
        errno = reason;
    }
    return socket;
}

} // namespace lvmpolld
