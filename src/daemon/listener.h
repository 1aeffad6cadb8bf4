// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"
#include "daemon/session_threads.h"

#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace lvmpolld {

/// Accepts clients on the main thread, and hands those of a trusted user to the threads that serve
/// them.
class Listener {
public:
    /// `listening` is borrowed.
    Listener(int listening, SessionThreads& sessions, Log& log);

    /// Accepts until close().
    asio::awaitable<void> run();

    void close() { acceptor_.close(); }

private:
    asio::awaitable<void> accept_one();
    void admit(FileDescriptor client);
    bool is_trusted(int client);

    SessionThreads& sessions_;
    Log& log_;
    asio::posix::stream_descriptor acceptor_;
    bool crowded_ = false;
    int accept_failure_ = 0; ///< errno of the last attempt to accept a client
};

} // namespace lvmpolld
