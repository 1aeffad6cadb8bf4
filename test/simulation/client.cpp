// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client.h"

#include "wire/framing.h"
#include "wire/reply.h"
#include "world.h"

#include <algorithm>
#include <utility>

namespace lvmpolld::simulation {

namespace {

using namespace std::chrono_literals;

std::string entry(std::string_view key, std::string_view value) {
    return std::string(key) + " = \"" + std::string(value) + "\"\n";
}

std::string identity_of(const PollRequest& request) {
    std::string text = entry("lvid", request.identity.lvid());
    if (const auto sysdir = request.identity.sysdir())
        text += entry("sysdir", *sysdir);
    return text + "abort = " + (request.abort ? "1" : "0") + "\n";
}

std::string start_of(const PollRequest& request) {
    return entry("request", name(request.type)) + entry("vgname", request.vgname) +
           entry("lvname", request.lvname) + entry("interval", request.interval.text) +
           (request.devicesfile ? entry("devicesfile", *request.devicesfile) : "") +
           (request.handle_missing_pvs ? "handle_missing_pvs = 1\n" : "") + identity_of(request) +
           "\n##\n";
}

std::string question_of(const PollRequest& request) {
    return entry("request", "progress_info") + identity_of(request) + "\n##\n";
}

} // namespace

Client::Client(World& world, PollRequest request, Manner manner, Chance chance)
    : world_(world), request_(std::move(request)), manner_(manner), chance_(chance) {
    if (manner_.asks_only || manner_.reads_twice)
        world_.invariants().shared(key_of(request_));
}

void Client::after(Duration delay, void (Client::*action)()) {
    world_.events().after(delay, [this, action, turn = ++turn_] {
        if (!over_ && turn == turn_)
            (this->*action)();
    });
}

void Client::begin() {
    if (manner_.vanishes)
        world_.events().after(manner_.vanishes_after, [this] { leave(); });
    connect();
}

void Client::connect() {
    connection_ = world_.connect();
    if (connection_)
        world_.trace().say("connection " + std::to_string(connection_->number) +
                           " is a client's of " + request_.vgname + "/" + request_.lvname);
    if (!connection_)
        return after(chance_.duration(500ms, 10s), &Client::connect);
    connection_->client = [this, connection = connection_.get()] {
        if (!over_ && connection == connection_.get())
            hear();
    };
    own_claim_ = waits_for_ok_ = false;
    message_.clear();
    if (accepted_ || manner_.asks_only)
        return ask();
    waits_for_ok_ = true;
    send(start_of(request_));
}

void Client::send(std::string text) {
    const auto first = manner_.in_pieces ? 1 + chance_.below(text.size()) : text.size();
    connection_->to_daemon += text.substr(0, first);
    world_.wake(connection_);
    if (first == text.size())
        return;
    world_.events().after(chance_.duration(1ms, 40s),
                          [this, connection = connection_, rest = text.substr(first)] {
                              if (over_ || connection_ != connection || connection->daemon_closed)
                                  return;
                              connection->to_daemon += rest;
                              world_.wake(connection);
                          });
}

void Client::ask() {
    asks_of_abort_ = aborts_;
    send(question_of(aborts_ ? abort_request() : request_));
}

PollRequest Client::abort_request() const {
    auto request = request_;
    request.abort = true;
    return request;
}

void Client::hear() {
    message_ += std::exchange(connection_->to_client, {});
    for (;;) {
        const auto end = message_.find(wire::terminator);
        if (end == message_.npos)
            break;
        const auto reply = message_.substr(0, end + wire::terminator.size());
        message_.erase(0, reply.size());
        take(reply);
        if (over_)
            return;
    }
    if (connection_->daemon_closed)
        lose_connection();
}

void Client::take(std::string_view reply) {
    if (std::exchange(waits_for_ok_, false)) {
        if (reply != wire::reply::ok) {
            world_.trace().say("client of " + request_.vgname + "/" + request_.lvname +
                               " is refused");
            return leave();
        }
        if (!aborts_) // then this is about the abort
            acceptance_ = world_.acceptance(*connection_);
        accepted_ = own_claim_ = true;
        if (manner_.also_aborts && !std::exchange(aborts_, true)) {
            waits_for_ok_ = true;
            return send(start_of(abort_request()));
        }
        if (!manner_.foreground)
            return leave();
    } else if (reply != wire::reply::in_progress && reply != wire::reply::out_of_memory) {
        return take_result(reply);
    }
    if (manner_.never_reads)
        return;
    after(std::max<Duration>(request_.interval.seconds, 1s), &Client::ask);
}

void Client::take_result(std::string_view reply) {
    if (std::exchange(asks_of_abort_, false)) {
        aborts_ = false;
        return ask();
    }
    if (accepted_ && !told_) {
        if (reply == wire::reply::not_found)
            world_.invariants().told_nothing(request_, acceptance_, own_claim_);
        else
            world_.invariants().told_result(request_, acceptance_, reply, own_claim_);
    }
    if (!std::exchange(told_, true) && manner_.reads_twice)
        return ask();
    if (manner_.insistent && connection_ && !std::exchange(insisted_, true))
        return begin_again();
    leave();
}

void Client::begin_again() {
    accepted_ = told_ = own_claim_ = false;
    waits_for_ok_ = true;
    send(start_of(request_));
}

void Client::lose_connection() {
    connection_.reset();
    if (!manner_.comes_back)
        return leave();
    after(chance_.duration(10ms, 30s), &Client::connect);
}

void Client::leave() {
    if (std::exchange(over_, true) || !connection_)
        return;
    world_.trace().say("the client leaves connection " + std::to_string(connection_->number));
    connection_->client_closed = true;
    connection_->client = nullptr;
    world_.wake(connection_);
    connection_.reset();
}

} // namespace lvmpolld::simulation
