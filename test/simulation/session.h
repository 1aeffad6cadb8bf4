// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "connection.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "operation/claims.h"
#include "wire/framing.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld::simulation {

class Daemon;

/// What daemon/session.h does with a socket, with a simulated connection: the same order of
/// effects, at each of which the daemon may be killed.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(Daemon& daemon, std::shared_ptr<Connection> connection,
            std::unique_ptr<lvmpolld::Claims> claims);

    /// Bytes have come, or the end.
    void go_on();

    bool is_over() const { return over_; }

    const std::shared_ptr<Connection>& connection() const { return connection_; }

private:
    bool receive();
    void answer(std::string_view message);
    asio::awaitable<void, RecordWait::Executor> wait_for_record(Service::Recording recording);
    void note_request(const Service::Reply& reply);
    /// Perhaps later: when the client has made room.
    void send(std::string_view bytes);
    void send_now(std::string_view bytes);
    /// The next daemon finds nothing of the connection any more.
    void end_keeping();
    void end();
    void watch_partial();

    Daemon& daemon_;
    const std::shared_ptr<Connection> connection_;
    std::unique_ptr<lvmpolld::Claims> claims_;
    wire::Framing framing_;
    std::string message_;   ///< that is being answered
    std::size_t taken_ = 0; ///< bytes that are in framing_ and still in a kept connection
    unsigned partial_ = 0;  ///< tells the waits for the rest of a request
    bool waits_ = false;
    bool over_ = false;
};

} // namespace lvmpolld::simulation
