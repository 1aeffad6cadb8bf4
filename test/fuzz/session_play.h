// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The daemon between the socket and lvpoll, on one thread and in virtual time, and three clients:
//
//     played text ──► Client ──► socket ──► Session ──► Service ──► Store ──► Monitor ──► lvpoll
//                       ▲                                                    (played, too)
//                       └── each reply is the one to the request before it, and true
//
// Session, framing, parser, Service, stores, claims, Monitor are the product's. Records are kept in
// memory, and may be late. A new daemon is new sessions on the connections that are kept: stores
// and claims are those of the old one.
#pragma once

#include "base/virtual_clock.h"
#include "daemon/loop_context.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "daemon/session.h"
#include "engine/monitor.h"
#include "operation/claims.h"
#include "played_client.h"
#include "played_launcher.h"
#include "played_service_manager.h"
#include "recorded.h"

#include <asio/cancellation_signal.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

class SessionPlay {
public:
    /// `kept`: the clients' connections are such that a service manager keeps.
    explicit SessionPlay(bool kept);
    ~SessionPlay();
    SessionPlay(const SessionPlay&) = delete;
    SessionPlay& operator=(const SessionPlay&) = delete;

    /// Plays text that is sent as it is, with these directions in it:
    ///
    ///     @0 @1 @2   from now on this client sends; it connects if it has no connection
    ///     @.         what has been sent so far is received alone
    ///     @c @h      it closes the connection; it shuts down its sending side
    ///     @r         it reads nothing any more, or again
    ///     @m         it sends 200 empty requests: twice so many replies fill the socket
    ///     @l         it sends more than a request may have, and no end of it; once in a play
    ///     @eN @k     the oldest lvpoll exits with N, a digit, or is killed
    ///     @t         those that were asked to end do
    ///     @s         eleven seconds pass
    ///     @d         the daemon ends, and another one goes on, unless records are late
    ///     @w @W      records are late from now on; they are written
    ///     @@         an `@`
    void play(std::string_view text);

    /// All that is under way comes to its end: every client is told the truth, and nothing is left.
    void end();

private:
    /// A session.
    struct Served {
        Served(PlayedClient& of, SessionNumber number)
            : client(of), claims(std::make_unique<Claims>(number)) {}

        PlayedClient& client;
        std::unique_ptr<Claims> claims; ///< none: it is over
        asio::cancellation_signal kill;
        bool killed = false; ///< with its daemon
        bool open = false;   ///< it runs
    };

    class NoLog final : public Log {
    public:
        bool enabled(LogLevel) const noexcept override { return true; }

        void write(LogLevel, std::string) noexcept override {}
    };

    void direct(char direction, char argument);
    void connect(PlayedClient& client);
    void begin(Served& served, FileDescriptor descriptor);
    Session::Awaitable<void> serve(Served& served, FileDescriptor descriptor);
    void leave(Served& served);
    void restart();
    void send(std::string_view text);
    void send_many();
    void send_too_long();
    static void close(PlayedClient& client);
    void settle();
    void pass(std::chrono::seconds time);
    void release_records();
    void finish_operations();
    void read_what_is_left(Store& store);

    std::optional<PlayedServiceManager> manager_; ///< if the connections are kept
    const DescriptorStore descriptor_store_;
    NoLog log_;
    VirtualClock clock_;
    Recorded records_;
    Store polls_{Retention{}, &records_};
    Store aborts_{Retention{}, &records_};
    PlayedLauncher launcher_;
    std::vector<std::unique_ptr<Served>> served_;
    LoopContext context_{1};
    RecordWait record_wait_{context_.get_executor(), &records_};
    AnswerMarks::Mark answering_ = 0;
    Monitor monitor_;
    Service service_;
    SessionNumber last_session_ = 0;
    std::array<PlayedClient, 3> clients_;
    PlayedClient* sender_ = clients_.data();
    bool was_too_long_ = false;
};

} // namespace lvmpolld
