// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/listener.h"

#include "base/error.h"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

namespace lvmpolld {

namespace {

/// How long to leave the clients waiting when one can't be accepted, for want of a descriptor
/// mostly.
constexpr std::chrono::milliseconds accept_failure_pause{100};

FileDescriptor duplicate(int descriptor) {
    FileDescriptor result(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!result)
        throw_errno("cannot duplicate the listening socket");
    return result;
}

} // namespace

Listener::Listener(int listening, asio::io_context& loop, Clients clients, Log& log)
    : clients_(std::move(clients)), log_(log),
      acceptor_(owner_of<asio::posix::stream_descriptor>(duplicate(listening), loop)) {}

asio::awaitable<void> Listener::run() {
    asio::error_code error;
    while (acceptor_.is_open()) {
        co_await acceptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                      asio::redirect_error(asio::use_awaitable, error));
        if (error)
            co_return;
        co_await accept_one();
    }
}

asio::awaitable<void> Listener::accept_one() {
    FileDescriptor client(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
        accept_failure_ = 0;
        try {
            admit(std::move(client));
        } catch (const std::exception& error) {
            log_.write(LogLevel::error, std::string("a client is refused: ") + error.what());
        }
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        const int error = errno;
        if (std::exchange(accept_failure_, error) != error) // once, not ten times a second
            log_.write(LogLevel::error,
                       std::string("cannot accept a client: ") + std::strerror(error));
        asio::steady_timer pause(acceptor_.get_executor(), accept_failure_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void Listener::admit(FileDescriptor client) {
    if (!is_trusted(client.get()))
        return;
    const bool full = clients_.count() >= clients_.most;
    if (full && !crowded_)
        log_.write(LogLevel::warning,
                   "clients are refused: " + std::to_string(clients_.most) + " are connected");
    crowded_ = full;
    if (full)
        return;
    clients_.open(std::move(client));
}

bool Listener::is_trusted(int client) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    if (::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return false;
    if (peer.uid == 0 || peer.uid == ::geteuid())
        return true;
    log_.write(LogLevel::warning, "refused a client of user " + std::to_string(peer.uid) +
                                      ", process " + std::to_string(peer.pid));
    return false;
}

} // namespace lvmpolld
