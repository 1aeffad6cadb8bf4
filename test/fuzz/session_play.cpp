// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_play.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "wire/framing.h"
#include "wire/reply.h"
#include "wire/request.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// Far more than any play needs.
constexpr unsigned most_rounds = 10'000;

/// The messages in `stream` that are complete.
std::vector<std::string_view> messages_in(std::string_view stream) {
    std::vector<std::string_view> messages;
    for (auto end = stream.find(wire::terminator); end != stream.npos;
         end = stream.find(wire::terminator)) {
        messages.push_back(stream.substr(0, end));
        stream.remove_prefix(end + wire::terminator.size());
    }
    return messages;
}

bool ends_amid_a_message(std::string_view stream) {
    for (const auto message : messages_in(stream))
        stream.remove_prefix(message.size() + wire::terminator.size());
    return !stream.empty();
}

bool is_result(std::string_view reply) {
    return reply == wire::reply::polling_failed ||
           reply.starts_with("response = \"finished\"\nreason = \"");
}

} // namespace

bool SessionPlay::Client::may_be_dropped() const {
    return stalled >= limits::client_stall;
}

SessionPlay::SessionPlay(bool kept)
    : kept_(kept),
      monitor_(
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
      }) {}

SessionPlay::~SessionPlay() {
    context_.shutdown();
}

void SessionPlay::play(std::string_view text) {
    while (!text.empty()) {
        const auto at = text.find('@');
        send(*sender_, text.substr(0, at));
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
        return send(*sender_, "@");
    settle();
    if (direction >= '0' && direction <= '2')
        sender_ = &clients_[static_cast<std::size_t>(direction - '0')];
    else if (direction == 'c')
        close(*sender_);
    else if (direction == 'h' && sender_->socket)
        sender_->half_closed = ::shutdown(sender_->socket.get(), SHUT_WR) == 0;
    else if (direction == 'r')
        turn_reading(*sender_);
    else if (direction == 'm')
        send_many(*sender_);
    else if (direction == 'l')
        send_too_long(*sender_);
    else if (direction == 'e')
        launcher_.end_oldest(Exited{argument - '0'});
    else if (direction == 'k')
        launcher_.end_oldest(Killed{SIGKILL});
    else if (direction == 't')
        launcher_.obey();
    else if (direction == 's')
        pass(11s);
    else if (direction == 'w')
        records_.hold();
    else if (direction == 'W')
        release_records();
    settle();
}

void SessionPlay::connect(Client& client) {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client = Client();
    client.socket.reset(ends[0]);
    asio::co_spawn(context_, serve(FileDescriptor(ends[1]), ++last_session_), must_not_fail);
}

/// As SessionThreads does.
Session::Awaitable<void> SessionPlay::serve(FileDescriptor descriptor, SessionNumber number) {
    ++open_;
    Claims claims(number);
    auto socket =
        owner_of<Session::Socket>(std::move(descriptor), context_, asio::local::stream_protocol());
    Session session(socket, service_, kept_ ? &descriptor_store_ : nullptr, answering_, claims,
                    record_wait_, clock_);
    co_await session.run();
    ::shutdown(socket.native_handle(), SHUT_RDWR);
    --open_;
}

void SessionPlay::send(Client& client, std::string_view text) {
    if (text.empty())
        return;
    if (!client.socket)
        connect(client);
    if (client.half_closed || client.full || client.too_long)
        return;
    const auto count = ::send(client.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count > 0)
        client.sent += text.substr(0, static_cast<std::size_t>(count));
    client.full = count != static_cast<ssize_t>(text.size());
}

void SessionPlay::send_many(Client& client) {
    std::string requests;
    for (unsigned number = 0; number < 200; ++number)
        requests += wire::terminator;
    send(client, requests);
}

void SessionPlay::send_too_long(Client& client) {
    if (std::exchange(was_too_long_, true))
        return;
    if (!client.socket)
        connect(client);
    if (client.half_closed || client.full)
        return;
    client.too_long = true;
    const std::string piece(64 << 10, 'x');
    for (std::size_t sent = 0; sent <= limits::request_bytes + piece.size();) {
        auto count = ::send(client.socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        if (count < 0 && kept_) { // the socket is full of what stays in it for a second
            pass(1s);
            count = ::send(client.socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        }
        settle();
        if (count <= 0)
            return; // it waits for a record, or for its client to read
        sent += static_cast<std::size_t>(count);
    }
    if (!records_.is_held() && client.reads && !client.may_be_dropped())
        require(client.received.ends_with(wire::reply::request_too_long));
}

void SessionPlay::turn_reading(Client& client) {
    client.reads = !client.reads;
    client.was_late = true;
}

void SessionPlay::close(Client& client) {
    client.socket.reset();
    client = Client();
}

void SessionPlay::settle() {
    bool received = true;
    while (received) {
        context_.restart();
        received = context_.poll() > 0;
        for (auto& client : clients_)
            received = (client.socket && client.reads && receive(client)) || received;
    }
}

void SessionPlay::pass(std::chrono::seconds time) {
    for (auto& client : clients_)
        if (!client.reads || ends_amid_a_message(client.sent))
            client.stalled += time;
    clock_.advance(time);
    settle();
}

bool SessionPlay::receive(Client& client) {
    std::array<char, 16 * 1024> buffer;
    const auto count = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    const bool over = count == 0 || (count < 0 && errno != EAGAIN);
    if (over && !client.over) {
        client.over = true;
        require(client.may_be_dropped() || client.too_long ||
                (client.half_closed && client.checked == messages_in(client.sent).size()));
    }
    if (count <= 0)
        return false;
    client.received.append(buffer.data(), static_cast<std::size_t>(count));
    check_replies(client);
    return true;
}

void SessionPlay::check_replies(Client& client) {
    const auto requests = messages_in(client.sent);
    const auto replies = messages_in(client.received);
    const auto known = std::min(replies.size(), requests.size());
    require(replies.size() <= requests.size() + (client.too_long ? 1 : 0));
    for (; client.checked < known; ++client.checked)
        check(client, requests[client.checked],
              std::string(replies[client.checked]).append(wire::terminator));
}

void SessionPlay::check(Client& client, std::string_view message, std::string_view reply) const {
    const auto request = wire::parse_request(message);
    if (std::holds_alternative<wire::Hello>(request)) {
        require(reply == wire::reply::hello);
    } else if (std::holds_alternative<wire::Dump>(request)) {
        require(reply.find("# Registered polling operations") != reply.npos);
    } else if (const auto* rejected = std::get_if<wire::Rejected>(&request)) {
        require(reply == rejected->reply);
    } else if (const auto* start = std::get_if<wire::Start>(&request)) {
        require(reply == wire::reply::ok || reply == wire::reply::different_operation);
        if (reply != wire::reply::ok)
            return;
        client.accepted.emplace(start->request.abort, start->request.identity.text());
        // Who reads late may find the operation gone.
        require(client.was_late || std::ranges::any_of(records_.written(), [&](const auto& entry) {
                    return entry.second.request.abort == start->request.abort &&
                           entry.second.request.identity.text() == start->request.identity.text();
                }));
    } else {
        const auto& question = std::get<wire::ProgressInfo>(request);
        const bool told = is_result(reply);
        require(told || reply == wire::reply::in_progress || reply == wire::reply::not_found);
        const auto claim = client.accepted.find({question.abort, question.identity.text()});
        if (claim == client.accepted.end())
            return;
        require(reply != wire::reply::not_found);
        if (told)
            client.accepted.erase(claim);
    }
}

void SessionPlay::release_records() {
    records_.release();
    record_wait_.notify();
}

void SessionPlay::end() {
    release_records();
    settle();
    for (unsigned round = 0; polls_.in_progress() + aborts_.in_progress() > 0; ++round) {
        require(round < most_rounds);
        if (!launcher_.end_oldest(Exited{0}))
            pass(11s);
        settle();
    }
    for (auto& client : clients_)
        client.reads = true;
    settle();
    for (auto& client : clients_) {
        if (client.socket && !client.too_long && !client.over)
            require(client.checked == messages_in(client.sent).size());
        close(client);
    }
    settle();
    require(open_ == 0);
    read_what_is_left(polls_);
    read_what_is_left(aborts_);
    require(records_.written().empty());
}

void SessionPlay::read_what_is_left(Store& store) {
    Claims anybody;
    for (const auto& operation : store.operations())
        while (std::holds_alternative<Result>(anybody.read(store, operation->identity())))
            anybody.answered();
    require(store.operations().empty());
}

} // namespace lvmpolld
