// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/answer_marks.h"
#include "daemon/descriptor_store.h"
#include "daemon/service.h"
#include "operation/claims.h"
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

    /// How a connection and the daemon's life go together.
    struct Keeping {
        const DescriptorStore* store = nullptr; ///< where it outlives the daemon; null: it doesn't
        bool taken_up = false;                  ///< it has outlived an earlier one
    };

    /// `socket` is non-blocking. Of a connection that is kept a request stays in the socket until right
    /// before its answer is sent, so that the next process finds it there. `answering` shows its number from
    /// then on until it is sent. An answer that the socket doesn't take at once ends the keeping: nobody else
    /// could go on with the half of it.
    Session(Socket& socket, Service& service, SessionNumber number, Keeping keeping,
            AnswerMarks::Mark& answering)
        : socket_(socket), service_(service), store_(keeping.store), answering_(answering),
          claims_(number, keeping.taken_up) {}

    /// What an earlier process has recorded of this connection's claims is put here.
    Claims& claims() noexcept { return claims_; }

    /// Answers requests until the client leaves, stalls or sends what can't be a request.
    Awaitable<void> run();

private:
    /// Takes what has been looked at out of the socket, all but the last `left` bytes.
    void consume_to(std::size_t left);

    /// Takes the request out of the socket and sends what this takes of its answer at once; returns the rest.
    std::string_view consume_and_send(std::string_view bytes);

    /// Sends what the socket takes at once; returns the rest.
    std::string_view send_now(std::string_view bytes);

    /// The connection ends with the daemon from now on.
    void stop_keeping();
    Awaitable<bool> send(std::string_view bytes);

    /// Tells a client whose request is too long, also one that only reads once it has sent all of it.
    Awaitable<void> refuse_and_drain();

    /// Until the daemon's end.
    Awaitable<void> wait_for_ever();

    /// Waits for limits::client_stall at most; false when nothing has happened.
    Awaitable<bool> wait_briefly(Socket::wait_type what);

    Socket& socket_;
    Service& service_;
    const DescriptorStore* store_; ///< while the connection is kept
    AnswerMarks::Mark& answering_;
    wire::Framing framing_;
    std::size_t unconsumed_ =
        0; ///< how many of the bytes in framing_, the last ones, are still in the socket
    Claims claims_;
};

} // namespace lvmpolld
