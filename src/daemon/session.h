// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "daemon/answer_marks.h"
#include "daemon/descriptor_store.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "operation/claims.h"
#include "wire/framing.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <cstddef>
#include <optional>
#include <span>
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

    /// `socket` is non-blocking. `store`: where the connection outlives the daemon; null: it does
    /// not. A kept connection's requests stay in the socket, also parts of them, until right before
    /// the answer is sent: the next process finds them there. `answering` shows the session's
    /// number from then until the answer is sent. What can't be so ends the keeping first: an
    /// answer that the socket does not take at once, since nobody else could send its rest, and a
    /// request that stays incomplete or is too long. `claims` are the connection's.
    Session(Socket& socket, Service& service, const DescriptorStore* store,
            AnswerMarks::Mark& answering, Claims& claims, RecordWait& records, Clock& clock)
        : socket_(socket), service_(service), store_(store), answering_(answering), claims_(claims),
          records_(records), clock_(clock) {
        if (store_ && !look_without_taking())
            throw_errno("cannot look at what a client sends");
    }

    /// Answers requests until the client leaves, stalls or sends what can't be a request.
    Awaitable<void> run();

private:
    Socket::message_flags receive_flags() const noexcept {
        return store_ ? Socket::message_peek : 0;
    }

    /// Receives more of a request that has begun, for limits::client_stall at most. 0: nothing more
    /// comes.
    Awaitable<std::size_t> receive_rest(std::span<char> space);

    /// Looks at more of a request, while the connection is kept. 0: the client has left; nothing:
    /// it sends no more for now.
    Awaitable<std::optional<std::size_t>> look_for_rest(std::span<char> space);

    /// From now on the socket shows each byte once (SO_PEEK_OFF, socket(7)), which stays in it all
    /// the same.
    bool look_without_taking();

    /// Whether the socket has room for so many bytes, without doubt.
    bool takes_at_once(std::size_t size);

    /// Takes what has been looked at out of the socket, all but the last `left` bytes.
    void consume_to(std::size_t left);

    /// Takes the request out of the socket and sends what this takes of its answer at once; returns
    /// the rest.
    std::string_view consume_and_send(std::string_view bytes);

    /// Sends what the socket takes at once; returns the rest.
    std::string_view send_now(std::string_view bytes);

    /// The connection ends with the daemon from now on. False if the service manager does not hear
    /// of it: then only its end makes sure of that.
    Awaitable<bool> stop_keeping();
    Awaitable<bool> send(std::string_view bytes);

    /// Tells a client whose request is too long, also one that only reads once it has sent all of
    /// it.
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
        0; ///< of the bytes put into framing_, the last ones: still in the socket
    Claims& claims_;
    RecordWait& records_;
    Clock& clock_;
};

} // namespace lvmpolld
