// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every event (something to read, room to write, a change of the overview, a timeout) leads to
// go_on(): it sends what there is, lets the running call make more of it, or takes the next call. A
// call that makes much has its turn again and again, and other events have theirs in between.
// Nothing is made for a client that does not read: the running call waits until what was made is
// sent.
#include "daemon/varlink_session.h"

#include "base/limits.h"
#include "base/statistics.h"
#include "varlink/reply.h"

#include <asio/post.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace lvmpolld {

namespace {

/// Bytes of further calls that are read while one runs.
constexpr std::size_t most_waiting = 4096;

constexpr std::chrono::hours longest_timeout{24 * 365};

} // namespace

VarlinkSession::VarlinkSession(asio::io_context& loop, FileDescriptor client,
                               const Context& context)
    : context_(context),
      socket_(owner_of<Socket>(std::move(client), loop, asio::local::stream_protocol())),
      framing_(limits::varlink_message_bytes, varlink::terminator) {}

template <class Action>
void VarlinkSession::guarded(const Action& action) noexcept {
    if (!socket_.is_open())
        return;
    try {
        action();
    } catch (const std::exception&) {
        close();
    }
}

void VarlinkSession::begin() {
    guarded([this] { go_on(); });
}

void VarlinkSession::overview_changed() {
    if (running_ && running_->call)
        guarded([this] { go_on(); });
}

void VarlinkSession::overview_failed() {
    if (running_)
        close();
}

void VarlinkSession::close() noexcept {
    if (!socket_.is_open())
        return;
    asio::error_code ignored;
    socket_.close(ignored);
    running_.reset();
    context_.closed(shared_from_this());
}

void VarlinkSession::go_on() {
    bool sent = send();
    while (sent && (running_ ? advance() : answer_next())) {
        sent = send();
        if (sent && running_)
            return go_on_later();
    }
    if (!socket_.is_open())
        return;
    if (!sent)
        return wait_for(Socket::wait_write);
    if (half_closed_ && !running_)
        return close();
    if (half_closed_)
        wait_for(Socket::wait_error); // it may close altogether
    else if (!running_ || framing_.held() < most_waiting)
        wait_for(Socket::wait_read);
}

/// After those who ask for polling: a long list may not keep them waiting.
void VarlinkSession::go_on_later() {
    asio::post(socket_.get_executor(),
               [self = shared_from_this()] { self->guarded([&self] { self->go_on(); }); });
}

/// True once all is sent.
bool VarlinkSession::send() {
    while (!out_.empty()) {
        const auto count =
            ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) {
            out_.erase(0, static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            close();
            return false;
        }
    }
    std::string().swap(out_); // an idle client costs no memory
    return true;
}

/// Whether it has made something, or is done.
bool VarlinkSession::advance() {
    using State = varlink::RunningCall::State;
    if (!running_->call)
        return false;
    const auto state = running_->call->advance(context_.observers.overview(), out_);
    if (state == State::done)
        running_.reset();
    return state != State::waiting || !out_.empty();
}

/// Whether there was one.
bool VarlinkSession::answer_next() {
    const auto next = framing_.next();
    if (std::holds_alternative<wire::Framing::Incomplete>(next))
        return false;
    const auto* message = std::get_if<std::string_view>(&next);
    auto call = message != nullptr ? varlink::parse_call(*message) : std::nullopt;
    if (!call) {
        close();
        return false;
    }
    if (!call->oneway)
        answer(*std::move(call));
    return true;
}

void VarlinkSession::answer(varlink::Call call) {
    namespace reply = varlink::reply;
    std::visit(
        [&](auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, varlink::call::Rejected>)
                out_ += reply::rejected(what);
            else if constexpr (std::is_same_v<What, varlink::call::GetInfo>)
                out_ += reply::info(LVMPOLLD_VERSION);
            else if constexpr (std::is_same_v<What, varlink::call::GetInterfaceDescription>)
                out_ += reply::description(what.interface);
            else if constexpr (std::is_same_v<What, varlink::call::GetStatistics>)
                out_ += reply::statistics(context_.statistics);
            else if (std::is_same_v<What, varlink::call::Subscribe> && !call.more)
                out_ += reply::expected_more();
            else
                run(std::move(what), call.more);
        },
        call.what);
}

template <class What>
void VarlinkSession::run(What what, bool more) {
    constexpr bool follows = !std::is_same_v<What, varlink::call::List>;
    running_ = std::make_unique<Running>(context_.observers, follows);
    if constexpr (std::is_same_v<What, varlink::call::Wait>)
        if (what.timeout)
            arm(*what.timeout);
    const auto asked = overview::Moment::now().wall;
    context_.observers.ask([weak = weak_from_this(), what = std::move(what), more, asked] {
        const auto self = weak.lock();
        if (!self || !self->running_) // closed, or its time is over
            return;
        self->guarded([&] {
            auto& overview = self->context_.observers.overview();
            self->running_->call = varlink::start(what, {more, asked}, overview);
            self->go_on();
        });
    });
}

void VarlinkSession::arm(std::chrono::microseconds timeout) {
    auto& timer = running_->timeout;
    timer = std::make_unique<Timer>(socket_.get_executor(),
                                    std::min<std::chrono::microseconds>(timeout, longest_timeout));
    timer->async_wait([self = shared_from_this(), mine = timer.get()](const auto& cancelled) {
        if (cancelled || !self->running_ || self->running_->timeout.get() != mine)
            return;
        self->guarded([&] {
            if (self->running_->call)
                self->running_->call->time_out(self->out_);
            else
                self->out_ += varlink::reply::timed_out(0);
            self->running_.reset();
            self->go_on();
        });
    });
}

void VarlinkSession::wait_for(Socket::wait_type what) {
    auto& waits = what == Socket::wait_write ? waits_to_send_ : waits_to_receive_;
    if (std::exchange(waits, true))
        return;
    socket_.async_wait(what, [self = shared_from_this(), what, &waits](const auto& error) {
        waits = false;
        self->guarded([&] {
            if (error || (what == Socket::wait_error && self->has_hung_up()))
                return self->close();
            if (what == Socket::wait_read)
                self->receive();
            if (self->socket_.is_open())
                self->go_on();
        });
    });
}

void VarlinkSession::receive() {
    const auto space = framing_.space();
    const auto count = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count > 0)
        return framing_.received(static_cast<std::size_t>(count));
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    half_closed_ = count == 0 && !has_hung_up();
    if (!half_closed_)
        close();
}

bool VarlinkSession::has_hung_up() {
    pollfd question{socket_.native_handle(), 0, 0};
    return ::poll(&question, 1, 0) > 0 && (question.revents & (POLLHUP | POLLERR)) != 0;
}

} // namespace lvmpolld
