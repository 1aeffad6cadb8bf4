// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load_client.h"

#include "base/error.h"
#include "base/unix_socket.h"
#include "wire/framing.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace lvmpolld::endurance {

LoadClient::LoadClient(const std::string& socket_path) : socket_(connect_to_socket(socket_path)) {
    if (!socket_)
        throw_errno("cannot connect to the daemon");
}

void LoadClient::send(std::string_view request) {
    const auto message = std::string(request).append(wire::terminator);
    const auto count = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
    if (count != static_cast<ssize_t>(message.size()))
        throw_errno("cannot send a request");
}

std::string LoadClient::reply() {
    for (;;) {
        if (const auto end = received_.find(wire::terminator); end != received_.npos) {
            const auto size = end + wire::terminator.size();
            auto reply = received_.substr(0, size);
            received_.erase(0, size);
            return reply;
        }
        std::array<char, 16 * 1024> buffer;
        const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (count <= 0)
            throw_errno("no reply", count == 0 ? ECONNRESET : errno);
        received_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace lvmpolld::endurance
