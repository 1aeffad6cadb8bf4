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
    using Socket = asio::local::stream_protocol::socket;

    /// `socket` is non-blocking.
    Session(Socket socket, Service& service) : socket_(std::move(socket)), service_(service) {}

    /// Answers requests until the client leaves, stalls or sends what can't be a request.
    asio::awaitable<void> run();

private:
    /// Reads what has come. False when the connection is over.
    asio::awaitable<bool> receive();
    asio::awaitable<bool> answer_messages();
    asio::awaitable<bool> send(std::string_view bytes);

    /// Tells a client whose request is too long, also one that only reads once it has sent all of it.
    asio::awaitable<void> refuse_and_drain();

    asio::awaitable<bool> wait(Socket::wait_type what);

    /// Waits for limits::client_stall at most; false when nothing has happened.
    asio::awaitable<bool> wait_briefly(Socket::wait_type what);

    Socket socket_;
    Service& service_;
    wire::Framing framing_;
    Claims claims_;
};

} // namespace lvmpolld
