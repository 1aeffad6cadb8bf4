// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "daemon.h"
#include "memory.h"
#include "wire/reply.h"
#include "wire/request.h"
#include "world.h"

#include <asio/co_spawn.hpp>

#include <algorithm>
#include <new>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

Session::Session(Daemon& daemon, std::shared_ptr<Connection> connection,
                 std::unique_ptr<lvmpolld::Claims> claims)
    : daemon_(daemon), connection_(std::move(connection)), claims_(std::move(claims)) {}

void Session::go_on() {
    while (!waits_ && !over_ && !daemon_.is_dead()) {
        const auto next = framing_.next();
        if (const auto* message = std::get_if<std::string_view>(&next)) {
            if (connection_->is_kept && daemon_.service().is_stopping())
                waits_ = true; // the next daemon answers
            else
                answer(*message);
        } else if (std::holds_alternative<wire::Framing::TooLong>(next)) {
            end();
        } else if (!receive()) {
            return;
        }
    }
}

bool Session::receive() {
    auto& bytes = connection_->to_daemon;
    const auto count = std::min(bytes.size() - taken_, framing_.space().size());
    if (count == 0) {
        if (connection_->client_closed)
            end();
        else if (framing_.partial())
            watch_partial();
        return false;
    }
    const auto space = framing_.space();
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(taken_), count, space.begin());
    framing_.received(count);
    ++partial_;
    if (connection_->is_kept)
        taken_ += count;
    else
        bytes.erase(0, count);
    return true;
}

void Session::watch_partial() {
    const auto patience = connection_->is_kept ? Duration(1s) : Duration(limits::client_stall);
    daemon_.later(patience, [weak = weak_from_this(), partial = partial_] {
        const auto self = weak.lock();
        if (!self || self->over_ || self->partial_ != partial)
            return;
        if (!self->connection_->is_kept)
            return self->end();
        self->end_keeping();
        self->watch_partial();
    });
}

void Session::end_keeping() {
    connection_->is_kept = false;
    connection_->to_daemon.erase(0, std::exchange(taken_, 0));
}

void Session::answer(std::string_view message) {
    message_ = message;
    Service::Reply reply;
    try {
        reply = daemon_.answer(message, *claims_);
    } catch (const std::bad_alloc&) { // the client is dropped
        return end();
    }
    note_request(reply);
    if (auto* const recording = std::get_if<Service::Recording>(&reply)) {
        waits_ = true;
        asio::co_spawn(daemon_.control(), wait_for_record(std::move(*recording)), must_not_fail);
        return;
    }
    send(bytes(reply));
}

asio::awaitable<void, RecordWait::Executor> Session::wait_for_record(Service::Recording recording) {
    const auto self = shared_from_this();
    co_await daemon_.record_wait().until(recording.ticket);
    Service::Reply reply;
    try {
        const memory::OfDaemon daemon;
        reply = daemon_.service().recorded(std::move(recording), *claims_);
    } catch (const std::bad_alloc&) {
        co_return end();
    }
    waits_ = false;
    send(bytes(reply));
    go_on();
}

void Session::note_request(const Service::Reply& reply) {
    const bool accepted =
        std::holds_alternative<Service::Recording>(reply) || bytes(reply) == wire::reply::ok;
    if (!accepted && bytes(reply) != wire::reply::out_of_memory)
        return;
    const auto request = wire::parse_request(message_);
    const auto* const start = std::get_if<wire::Start>(&request);
    if (start == nullptr)
        return;
    // Killed meanwhile, it may have recorded a claim of a request that it was about to refuse.
    if (accepted || daemon_.is_dead())
        daemon_.world().accepted(*connection_, start->request);
    else
        daemon_.world().invariants().refused(start->request);
}

void Session::send(std::string_view bytes) {
    const auto delay = daemon_.world().read_delay();
    if (delay == 0s)
        return send_now(bytes);
    if (connection_->is_kept)
        end_keeping();
    waits_ = true;
    const auto stall = Duration(limits::client_stall);
    daemon_.later(std::min(delay, stall),
                  [weak = weak_from_this(), gives_up = delay > stall, text = std::string(bytes)] {
                      const auto self = weak.lock();
                      if (!self || self->over_)
                          return;
                      self->waits_ = false;
                      if (gives_up)
                          return self->end();
                      self->send_now(text);
                      self->go_on();
                  });
}

void Session::send_now(std::string_view bytes) {
    connection_->is_answering = connection_->is_kept;
    if (!daemon_.may_act("take a request out of connection " + std::to_string(connection_->number)))
        return;
    if (connection_->is_kept) {
        const auto used = taken_ - framing_.held();
        connection_->to_daemon.erase(0, used);
        taken_ -= used;
    }
    if (!daemon_.may_act("answer connection " + std::to_string(connection_->number)))
        return;
    if (connection_->client_closed)
        return end();
    connection_->to_client.append(bytes);
    daemon_.world().reply(connection_);
    connection_->is_answering = false;
    const auto request = wire::parse_request(message_);
    const auto* const question = std::get_if<wire::ProgressInfo>(&request);
    const bool result = question != nullptr && bytes != wire::reply::in_progress &&
                        bytes != wire::reply::not_found && bytes != wire::reply::polling_failed &&
                        bytes != wire::reply::out_of_memory;
    if (result)
        daemon_.note_answer(*connection_,
                            (question->abort ? "abort " : "poll ") + question->identity.text());
    if (!daemon_.may_act("note the answer"))
        return;
    const memory::OfDaemon daemon;
    claims_->answered();
}

void Session::end() {
    over_ = true;
    if (!daemon_.may_act("close connection " + std::to_string(connection_->number)))
        return;
    {
        const memory::OfDaemon daemon;
        claims_.reset();
    }
    connection_->daemon_closed = true;
    connection_->is_kept = false;
    daemon_.world().closed(connection_);
}

} // namespace lvmpolld::simulation
