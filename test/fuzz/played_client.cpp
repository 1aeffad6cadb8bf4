// SPDX-License-Identifier: LGPL-2.1-or-later
#include "played_client.h"

#include "base/limits.h"
#include "require.h"
#include "wire/framing.h"
#include "wire/reply.h"
#include "wire/request.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <variant>
#include <vector>

namespace lvmpolld {

namespace {

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

void PlayedClient::send(std::string_view text) {
    if (!can_send() || too_long)
        return;
    const auto count = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count > 0)
        sent += text.substr(0, static_cast<std::size_t>(count));
    full = count != static_cast<ssize_t>(text.size());
}

bool PlayedClient::send_piece_without_end(std::string_view piece) {
    too_long = true;
    return ::send(socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL) > 0;
}

void PlayedClient::half_close() {
    if (socket)
        half_closed = ::shutdown(socket.get(), SHUT_WR) == 0;
}

void PlayedClient::turn_reading() {
    reads = !reads;
    was_late = true;
}

void PlayedClient::pass(std::chrono::seconds time) {
    if (!reads || ends_amid_a_message(sent))
        stalled += time;
}

bool PlayedClient::receive(const Recorded& records) {
    if (!socket || !reads)
        return false;
    std::array<char, 16 * 1024> buffer;
    const auto count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) {
        received.append(buffer.data(), static_cast<std::size_t>(count));
        check_replies(records);
    } else if (count == 0 || errno != EAGAIN) {
        require(over || may_be_ended());
        over = true;
    }
    return count > 0;
}

bool PlayedClient::may_be_ended() const {
    return stalled >= limits::client_stall || too_long || cut ||
           (half_closed && checked == messages_in(sent).size());
}

void PlayedClient::end() const {
    if (socket && !too_long && !over)
        require(checked == messages_in(sent).size());
}

void PlayedClient::check_replies(const Recorded& records) {
    const auto requests = messages_in(sent);
    const auto replies = messages_in(received);
    const auto known = std::min(replies.size(), requests.size());
    require(replies.size() <= requests.size() + (too_long ? 1 : 0));
    for (; checked < known; ++checked)
        check(requests[checked], std::string(replies[checked]).append(wire::terminator), records);
}

void PlayedClient::check(std::string_view message, std::string_view reply,
                         const Recorded& records) {
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
        accepted.emplace(start->request.abort, start->request.identity.text());
        // Who reads late may find the operation gone.
        require(was_late || std::ranges::any_of(records.written(), [&](const auto& entry) {
                    return entry.second.request.abort == start->request.abort &&
                           entry.second.request.identity.text() == start->request.identity.text();
                }));
    } else {
        const auto& question = std::get<wire::ProgressInfo>(request);
        const bool told = is_result(reply);
        require(told || reply == wire::reply::in_progress || reply == wire::reply::not_found);
        const auto claim = accepted.find({question.abort, question.identity.text()});
        if (claim == accepted.end())
            return;
        require(reply != wire::reply::not_found);
        if (told)
            accepted.erase(claim);
    }
}

} // namespace lvmpolld
