// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The daemon between the socket and lvpoll, on one thread and in virtual time, and three clients:
//
//     played text ──► Client ──► socket ──► Session ──► Service ──► Store ──► Monitor ──► lvpoll
//                       ▲                                                    (played, too)
//                       └── each reply is the one to the request before it, and true
//
// Session, framing, parser, Service, stores, claims, Monitor are the product's. Records are kept in
// memory, and may be late.
#pragma once

#include "base/virtual_clock.h"
#include "daemon/loop_context.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "daemon/session.h"
#include "engine/monitor.h"
#include "operation/claims.h"
#include "played_launcher.h"
#include "recorded.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

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
    ///     @w @W      records are late from now on; they are written
    ///     @@         an `@`
    void play(std::string_view text);

    /// All that is under way comes to its end: every client is told the truth, and nothing is left.
    void end();

private:
    struct Client {
        FileDescriptor socket;
        std::string sent;
        std::string received;
        std::size_t checked = 0; ///< replies
        bool reads = true;
        bool was_late = false; ///< at some time it did not read
        bool half_closed = false;
        bool full = false; ///< its socket took less than was sent: it sends nothing more
        bool too_long = false;
        bool over = false;               ///< the daemon has ended the connection
        std::chrono::seconds stalled{0}; ///< in the middle of a request, or without reading
        std::set<std::pair<bool, std::string>> accepted; ///< no result of these has come yet

        bool may_be_dropped() const;
    };

    class NoLog final : public Log {
    public:
        bool enabled(LogLevel) const noexcept override { return true; }

        void write(LogLevel, std::string) noexcept override {}
    };

    void direct(char direction, char argument);
    void connect(Client& client);
    Session::Awaitable<void> serve(FileDescriptor socket, SessionNumber number);
    void send(Client& client, std::string_view text);
    void send_many(Client& client);
    void send_too_long(Client& client);
    void turn_reading(Client& client);
    void close(Client& client);
    void settle();
    void pass(std::chrono::seconds time);
    bool receive(Client& client);
    void check_replies(Client& client);
    void check(Client& client, std::string_view message, std::string_view reply) const;
    void release_records();
    void read_what_is_left(Store& store);

    const DescriptorStore descriptor_store_;
    const bool kept_;
    NoLog log_;
    VirtualClock clock_;
    Recorded records_;
    Store polls_{Retention{}, &records_};
    Store aborts_{Retention{}, &records_};
    PlayedLauncher launcher_;
    LoopContext context_{1};
    RecordWait record_wait_{context_.get_executor(), &records_};
    AnswerMarks::Mark answering_ = 0;
    Monitor monitor_;
    Service service_;
    SessionNumber last_session_ = 0;
    std::array<Client, 3> clients_;
    Client* sender_ = clients_.data();
    bool was_too_long_ = false;
    unsigned open_ = 0; ///< sessions
};

} // namespace lvmpolld
