// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <functional>

namespace lvmpolld {

/// Accepts clients on the main thread, and hands those of a trusted user to whoever serves them.
class Listener {
public:
    struct Clients {
        std::function<void(FileDescriptor)> open; ///< may throw
        std::function<std::size_t()> count;
        std::size_t most; ///< more are refused
    };

    /// `listening` is borrowed.
    Listener(int listening, asio::io_context& loop, Clients clients, Log& log);

    /// Accepts until close().
    asio::awaitable<void> run();

    void close() { acceptor_.close(); }

private:
    asio::awaitable<void> accept_one();
    void admit(FileDescriptor client);
    bool is_trusted(int client);

    const Clients clients_;
    Log& log_;
    asio::posix::stream_descriptor acceptor_;
    bool crowded_ = false;
    int accept_failure_ = 0; ///< errno of the last attempt to accept a client
};

} // namespace lvmpolld
