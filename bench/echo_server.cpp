// SPDX-License-Identifier: LGPL-2.1-or-later
// The floor: what one epoll thread costs that only finds the end of a message and sends it back. It
// can be put in the place of an activated lvmpolld, whose options it ignores.
#include "client.h"

#include <sys/epoll.h>

#include <cstdio>
#include <exception>
#include <map>

namespace lvmpolld::bench {
namespace {

struct Connection {
    FileDescriptor socket;
    std::array<char, 1024> message{};
    std::size_t length = 0;
};

/// Reads what has come and answers if it is a whole message; false when the connection is over.
bool serve(Connection& connection) {
    auto& [socket, message, length] = connection;
    const ssize_t received =
        recv(socket.get(), message.data() + length, message.size() - length, 0);
    if (received <= 0)
        return false;
    length += static_cast<std::size_t>(received);
    if (std::string_view{message.data(), length}.ends_with(terminator)) {
        if (send(socket.get(), message.data(), length, MSG_NOSIGNAL) !=
            static_cast<ssize_t>(length))
            return false;
        length = 0;
    }
    return true;
}

class Server {
public:
    explicit Server(FileDescriptor listener) : listener_(std::move(listener)) {
        if (!epoll_)
            throw_errno("epoll_create1");
        watch(listener_.get());
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 64> events{};
        while (true) {
            const int count =
                epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i)
                handle(events[static_cast<std::size_t>(i)].data.fd);
        }
    }

private:
    void watch(int descriptor) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
            throw_errno("epoll_ctl");
    }

    void handle(int descriptor) {
        if (descriptor == listener_.get()) {
            FileDescriptor socket{accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC)};
            if (!socket)
                throw_errno("accept4");
            const int accepted = socket.get();
            watch(accepted);
            connections_[accepted].socket = std::move(socket);
        } else if (!serve(connections_.at(descriptor))) {
            connections_.erase(descriptor);
        }
    }

    FileDescriptor listener_;
    FileDescriptor epoll_{epoll_create1(EPOLL_CLOEXEC)};
    std::map<int, Connection> connections_;
};

} // namespace
} // namespace lvmpolld::bench

int main() try {
    constexpr int first_passed_descriptor = 3; // sd_listen_fds(3)
    lvmpolld::bench::Server{lvmpolld::FileDescriptor{first_passed_descriptor}}.run();
} catch (const std::exception& error) {

    std::fprintf(stderr, "echo_server: %s\n", error.what());
    return 1;
}
