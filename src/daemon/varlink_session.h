// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "daemon/observers.h"
#include "varlink/call.h"
#include "varlink/running_call.h"
#include "wire/framing.h"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lvmpolld {

struct Statistics;

/// One Varlink client's connection. Its calls are answered one after the other, as they came; while
/// one takes time, the next waits. What goes wrong closes this connection only. No coroutine, so
/// that a client who only listens costs little. Main thread.
class VarlinkSession : public std::enable_shared_from_this<VarlinkSession> {
public:
    struct Context {
        Observers& observers;
        const Statistics& statistics;
        std::function<void(const std::shared_ptr<VarlinkSession>&)> closed;
    };

    /// Throws std::system_error; the client is gone then.
    VarlinkSession(asio::io_context& loop, FileDescriptor client, const Context& context);

    /// Reads the first call.
    void begin();

    /// The overview has changed.
    void overview_changed();

    /// The overview is lost.
    void overview_failed();

    void close() noexcept;

private:
    using Executor = asio::io_context::executor_type;
    using Socket = asio::local::stream_protocol::socket::rebind_executor<Executor>::other;
    using Timer = asio::steady_timer::rebind_executor<Executor>::other;

    /// A call that is not answered yet.
    struct Running {
        Running(Observers& observers, bool follows) : use(observers, follows) {}

        Observers::Use use;
        std::unique_ptr<varlink::RunningCall> call{}; ///< once the overview is up to date
        std::unique_ptr<Timer> timeout{};
    };

    /// Does it, and closes the connection if that throws.
    template <class Action>
    void guarded(const Action& action) noexcept;

    void go_on();
    void go_on_later();
    bool send();
    bool advance();
    bool answer_next();
    void answer(varlink::Call call);
    template <class What>
    void run(What what, bool more);
    void arm(std::chrono::microseconds timeout);
    void wait_for(Socket::wait_type what);
    void receive();
    bool has_hung_up();

    const Context& context_;
    Socket socket_;
    wire::Framing framing_;
    std::string out_; ///< not sent yet
    std::unique_ptr<Running> running_;
    bool waits_to_receive_ = false;
    bool waits_to_send_ = false;
    bool half_closed_ = false; ///< the client sends no more
};

} // namespace lvmpolld
