// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/service.h"
#include "polling/claims.h"
#include "wire/framing.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <string_view>

namespace lvmpolld {

/// One client's connection. Runs on the one thread of its io_context.
class Session {
public:
    /// The concrete type, which spares each operation the cost of the type-erased one.
    using Executor = asio::io_context::executor_type;
    using Socket = asio::local::stream_protocol::socket::rebind_executor<Executor>::other;
    template <class T>
    using Awaitable = asio::awaitable<T, Executor>;

    /// `socket` is non-blocking.
    Session(Socket socket, Service& service) : socket_(std::move(socket)), service_(service) {}

    /// Answers requests until the client leaves, stalls or sends what can't be a request.
    Awaitable<void> run();

private:
    /// Sends what the socket takes at once; returns the rest.
    std::string_view send_now(std::string_view bytes);
    Awaitable<bool> send(std::string_view bytes);

    /// Tells a client whose request is too long, also one that only reads once it has sent all of it.
    Awaitable<void> refuse_and_drain();

    /// Waits for limits::client_stall at most; false when nothing has happened.
    Awaitable<bool> wait_briefly(Socket::wait_type what);

    Socket socket_;
    Service& service_;
    wire::Framing framing_;
    Claims claims_;
};

} // namespace lvmpolld
