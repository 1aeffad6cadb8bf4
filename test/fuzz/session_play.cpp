// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_play.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "wire/framing.h"
#include "wire/reply.h"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <variant>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// Far more than any play needs.
constexpr unsigned most_rounds = 10'000;

} // namespace

SessionPlay::SessionPlay(bool kept)
    : monitor_(
          {.executor = context_.get_executor(),
           .clock = clock_,
           .launcher = launcher_,
           .log = log_,
           .find_lock_holder = [](pid_t) -> std::optional<LockHolder> { return std::nullopt; }},
          [] {}),
      service_(polls_, aborts_, "resident", log_, [this](std::shared_ptr<Operation> operation) {
          asio::post(context_, [this, operation = std::move(operation)]() mutable {
              monitor_.start(std::move(operation));
          });
      }) {
    if (kept)
        manager_.emplace();
}

SessionPlay::~SessionPlay() {
    context_.shutdown();
}

void SessionPlay::play(std::string_view text) {
    while (!text.empty()) {
        const auto at = text.find('@');
        send(text.substr(0, at));
        if (at == text.npos || at + 1 == text.size())
            return;
        const char direction = text[at + 1];
        const bool has_argument = direction == 'e' && at + 2 < text.size();
        direct(direction, has_argument ? text[at + 2] : '0');
        text.remove_prefix(at + (has_argument ? 3 : 2));
    }
}

void SessionPlay::direct(char direction, char argument) {
    if (direction == '@')
        return send("@");
    settle();
    if (direction >= '0' && direction <= '2')
        sender_ = &clients_[static_cast<std::size_t>(direction - '0')];
    else if (direction == 'c')
        close(*sender_);
    else if (direction == 'h')
        sender_->half_close();
    else if (direction == 'r')
        sender_->turn_reading();
    else if (direction == 'm')
        send_many();
    else if (direction == 'l')
        send_too_long();
    else if (direction == 'e')
        launcher_.end_oldest(Exited{argument - '0'});
    else if (direction == 'k')
        launcher_.end_oldest(Killed{SIGKILL});
    else if (direction == 't')
        launcher_.obey();
    else if (direction == 's')
        pass(11s);
    else if (direction == 'd')
        restart();
    else if (direction == 'w')
        records_.hold();
    else if (direction == 'W')
        release_records();
    settle();
}

void SessionPlay::connect(PlayedClient& client) {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client = PlayedClient();
    client.socket.reset(ends[0]);
    auto& served = served_.emplace_back(std::make_unique<Served>(client, ++last_session_));
    if (manager_)
        manager_->keep(last_session_, ends[1]);
    begin(*served, FileDescriptor(ends[1]));
}

void SessionPlay::begin(Served& served, FileDescriptor descriptor) {
    asio::co_spawn(context_, serve(served, std::move(descriptor)),
                   asio::bind_cancellation_slot(served.kill.slot(), must_not_fail));
}

/// As SessionThreads does.
Session::Awaitable<void> SessionPlay::serve(Served& served, FileDescriptor descriptor) {
    served.open = true;
    auto socket =
        owner_of<Session::Socket>(std::move(descriptor), context_, asio::local::stream_protocol());
    try {
        Session session(socket, service_, manager_ ? &descriptor_store_ : nullptr, answering_,
                        *served.claims, record_wait_, clock_);
        co_await session.run();
    } catch (const std::system_error&) {
        require(served.killed);
    }
    served.open = false;
    if (served.killed)
        co_return;
    ::shutdown(socket.native_handle(), SHUT_RDWR);
    leave(served);
}

void SessionPlay::leave(Served& served) {
    if (manager_)
        manager_->drop(served.claims->session());
    served.claims.reset();
}

void SessionPlay::restart() {
    if (records_.is_held())
        return;
    require(answering_ == 0);
    std::erase_if(served_, [](const auto& served) { return !served->claims; });
    for (auto& served : served_) {
        served->client.cut = !manager_ || !manager_->keeps(served->claims->session());
        served->killed = true;
        served->kill.emit(asio::cancellation_type::terminal);
    }
    settle();
    for (auto& served : served_) {
        require(!served->open);
        served->killed = false;
        if (served->client.cut)
            leave(*served);
        else
            begin(*served, manager_->hand_over(served->claims->session()));
    }
}

void SessionPlay::send(std::string_view text) {
    if (text.empty())
        return;
    if (!sender_->socket)
        connect(*sender_);
    sender_->send(text);
}

void SessionPlay::send_many() {
    std::string requests;
    for (unsigned number = 0; number < 200; ++number)
        requests += wire::terminator;
    send(requests);
}

void SessionPlay::send_too_long() {
    auto& client = *sender_;
    if (!client.socket)
        connect(client);
    if (!client.can_send() || std::exchange(was_too_long_, true))
        return;
    const std::string piece(64 << 10, 'x');
    for (std::size_t sent = 0; sent <= limits::request_bytes + piece.size(); sent += piece.size()) {
        bool taken = client.send_piece_without_end(piece);
        if (!taken && manager_) { // the socket is full of what stays in it for a second
            pass(1s);
            taken = client.send_piece_without_end(piece);
        }
        settle();
        if (!taken)
            return; // it waits for a record, or for its client to read
    }
    if (!records_.is_held() && client.reads && !client.over)
        require(client.received.ends_with(wire::reply::request_too_long));
}

void SessionPlay::close(PlayedClient& client) {
    client.socket.reset();
    client = PlayedClient();
}

void SessionPlay::settle() {
    bool more = true;
    while (more) {
        context_.restart();
        more = context_.poll() > 0;
        for (auto& client : clients_)
            more = client.receive(records_) || more;
        more = (manager_ && manager_->read()) || more;
    }
}

void SessionPlay::pass(std::chrono::seconds time) {
    for (auto& client : clients_)
        client.pass(time);
    clock_.advance(time);
    settle();
}

void SessionPlay::release_records() {
    records_.release();
    record_wait_.notify();
}

void SessionPlay::end() {
    release_records();
    settle();
    finish_operations();
    for (auto& client : clients_)
        client.reads = true;
    settle();
    finish_operations();
    for (auto& client : clients_) {
        client.end();
        close(client);
    }
    settle();
    require(std::ranges::none_of(served_, &Served::open));
    read_what_is_left(polls_);
    read_what_is_left(aborts_);
    require(records_.written().empty());
}

void SessionPlay::finish_operations() {
    for (unsigned round = 0; polls_.in_progress() + aborts_.in_progress() > 0; ++round) {
        require(round < most_rounds);
        if (!launcher_.end_oldest(Exited{0}))
            pass(11s);
        settle();
    }
}

void SessionPlay::read_what_is_left(Store& store) {
    Claims anybody;
    for (const auto& operation : store.operations())
        while (std::holds_alternative<Result>(anybody.read(store, operation->identity())))
            anybody.answered();
    require(store.operations().empty());
}

} // namespace lvmpolld
