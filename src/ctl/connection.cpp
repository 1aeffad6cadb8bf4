// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/connection.h"

#include "base/error.h"
#include "base/unix_socket.h"
#include "ctl/source.h"

#include <sys/socket.h>

#include <cstring>
#include <limits>

namespace lvmpolld::ctl {

std::optional<Connection> Connection::open(const std::string& path, std::size_t limit,
                                           std::string_view end) {
    if (auto socket = connect_to_socket(path))
        return Connection(std::move(socket), limit, end);
    if (errno == ENOENT || errno == ENOTDIR || errno == ECONNREFUSED)
        return std::nullopt;
    throw_errno("cannot connect to lvmpolld on " + path);
}

void Connection::send(std::string_view message) {
    while (!message.empty()) {
        const auto count = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
        if (count <= 0)
            throw SourceLost(std::string("lvmpolld takes no request: ") + std::strerror(errno));
        message.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::optional<std::string_view> Connection::received() {
    const auto next = framing_.next();
    if (std::holds_alternative<wire::Framing::TooLong>(next))
        throw SourceLost("lvmpolld sends a message beyond all bounds");
    if (const auto* message = std::get_if<std::string_view>(&next))
        return *message;
    return std::nullopt;
}

void Connection::read() {
    const auto space = framing_.space();
    const auto count = ::recv(socket_.get(), space.data(), space.size(), 0);
    if (count < 0)
        throw SourceLost(std::string("lvmpolld does not answer: ") + std::strerror(errno));
    if (count == 0)
        throw SourceLost("lvmpolld has closed the connection");
    framing_.received(static_cast<std::size_t>(count));
}

std::string_view Connection::receive() {
    for (;;) {
        if (const auto message = received())
            return *message;
        read();
    }
}

std::optional<std::string_view> Connection::receive(Events& events, Events::Time until) {
    for (;;) {
        if (const auto message = received())
            return message;
        if (events.wait(socket_.get(), until) != Events::Woken::input)
            return std::nullopt;
        read();
    }
}

std::optional<std::string> dump_of(const std::string& socket) {
    auto connection =
        Connection::open(socket, std::numeric_limits<std::size_t>::max() / 4, wire::terminator);
    if (!connection)
        return std::nullopt;
    connection->send(wire::dump_request);
    return std::string(connection->receive());
}

} // namespace lvmpolld::ctl
