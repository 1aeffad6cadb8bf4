// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session.h"

#include "base/limits.h"
#include "wire/reply.h"

#include <asio/buffer.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace lvmpolld {

namespace {

constexpr asio::use_awaitable_t<Session::Executor> use_awaitable;

/// How long a kept request may stay incomplete. A client that sends it in many pieces may wait for
/// room in the socket, which there is only when they are taken out.
constexpr std::chrono::milliseconds partial_request_patience{1000};

/// A Unix socket takes a message of half its send buffer as a whole while it is not full, and the
/// buffer has 208 KiB (net.core.wmem_default).
constexpr std::size_t surely_taken = std::size_t{64} << 10;

} // namespace

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one flat loop, see below
Session::Awaitable<void> Session::run() {
    // One flat loop: each coroutine more costs a request a tenth of its time. g++ 12 miscompiles
    // co_await within a condition of a loop or of `?:`; hence the named values in this file.
    for (;;) {
        const auto space = framing_.space();
        std::size_t count = 0;
        if (framing_.partial()) {
            count = co_await receive_rest(space);
            if (count == 0)
                co_return;
        } else {
            asio::error_code error;
            count = co_await socket_.async_receive(asio::buffer(space.data(), space.size()),
                                                   receive_flags(),
                                                   asio::redirect_error(use_awaitable, error));
            if (error)
                co_return;
        }
        framing_.received(count);
        unconsumed_ += store_ ? count : 0;
        for (auto next = framing_.next(); !std::holds_alternative<wire::Framing::Incomplete>(next);
             next = framing_.next()) {
            if (std::holds_alternative<wire::Framing::TooLong>(next)) {
                if (store_) {
                    const bool given_up = co_await stop_keeping();
                    if (!given_up)
                        co_return;
                }
                co_await refuse_and_drain();
                co_return;
            }
            if (store_ != nullptr && service_.is_stopping())
                co_await wait_for_ever(); // the next daemon finds it and answers
            const auto received = std::chrono::steady_clock::now();
            auto reply = service_.answer(std::get<std::string_view>(next), claims_);
            if (auto* recording = std::get_if<Service::Recording>(&reply)) {
                co_await records_.until(recording->ticket);
                reply = service_.recorded(std::move(*recording), claims_);
            }
            if (store_ != nullptr && !takes_at_once(bytes(reply).size())) {
                const bool given_up = co_await stop_keeping();
                if (!given_up)
                    co_return;
            }
            const auto rest = consume_and_send(bytes(reply));
            if (!rest.empty()) {
                const bool sent = co_await send(rest);
                if (!sent)
                    co_return;
            }
            claims_.answered();
            service_.statistics().latency.add(std::chrono::steady_clock::now() - received);
        }
    }
}

Session::Awaitable<std::size_t> Session::receive_rest(std::span<char> space) {
    if (store_) {
        const auto seen = co_await look_for_rest(space);
        if (seen)
            co_return *seen;
        const bool given_up = co_await stop_keeping();
        if (!given_up)
            co_return 0;
    }
    // Not async_receive(): a receive and a timer that end together lose what was received, and one
    // that has met the end of the stream does not look again.
    for (;;) {
        const bool readable = co_await wait_briefly(Socket::wait_read);
        if (!readable)
            co_return 0;
        const auto count =
            ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
        if (count >= 0)
            co_return static_cast<std::size_t>(count);
        if (errno != EAGAIN) // else Asio tells of bytes that were received before
            co_return 0;
    }
}

Session::Awaitable<std::optional<std::size_t>> Session::look_for_rest(std::span<char> space) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(socket_.get_executor());
    clock_.arm(timer, clock_.now() + partial_request_patience);
    asio::error_code error;
    asio::error_code timer_error;
    // async_receive(), since to wait for a socket that is readable would end at once: what was
    // looked at is still in it.
    const auto first =
        co_await (socket_.async_receive(asio::buffer(space.data(), space.size()), receive_flags(),
                                        asio::redirect_error(use_awaitable, error)) ||
                  timer.async_wait(asio::redirect_error(use_awaitable, timer_error)));
    if (first.index() != 0)
        co_return std::nullopt;
    co_return error ? 0 : std::get<0>(first);
}

bool Session::look_without_taking() {
    const int from_the_first_byte = 0;
    return ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_PEEK_OFF, &from_the_first_byte,
                        sizeof(from_the_first_byte)) == 0;
}

bool Session::takes_at_once(std::size_t size) {
    int unsent = 0;
    return ::ioctl(socket_.native_handle(), SIOCOUTQ, &unsent) == 0 &&
           static_cast<std::size_t>(unsent) + size <= surely_taken;
}

void Session::consume_to(std::size_t left) {
    std::array<char, 16 * 1024> seen;
    while (unconsumed_ > left) {
        const auto wanted = std::min(unconsumed_ - left, seen.size());
        const auto count = ::recv(socket_.native_handle(), seen.data(), wanted, MSG_DONTWAIT);
        if (count <= 0)
            return;
        unconsumed_ -= static_cast<std::size_t>(count);
    }
}

std::string_view Session::consume_and_send(std::string_view bytes) {
    if (!store_)
        return send_now(bytes);
    answering_ = claims_.session();
    consume_to(framing_.held());
    const auto rest = send_now(bytes);
    answering_ = 0;
    return rest;
}

std::string_view Session::send_now(std::string_view bytes) {
    const auto count =
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return count > 0 ? bytes.substr(static_cast<std::size_t>(count)) : bytes;
}

Session::Awaitable<bool> Session::stop_keeping() {
    const auto* const store = std::exchange(store_, nullptr);
    const bool taken = co_await store->remove(socket_.get_executor(), claims_.session());
    if (taken)
        consume_to(0);
    co_return taken;
}

Session::Awaitable<bool> Session::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(),
                                  MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno == EAGAIN) {
            const bool writable = co_await wait_briefly(Socket::wait_write);
            if (!writable)
                co_return false;
        } else if (errno != EINTR)
            co_return false;
    }
    co_return true;
}

Session::Awaitable<void> Session::refuse_and_drain() {
    const bool sent = co_await send(wire::reply::request_too_long);
    if (!sent)
        co_return;
    ::shutdown(socket_.native_handle(), SHUT_WR);
    std::array<char, 64 * 1024> discarded;
    const auto most_reads = 64 * limits::request_bytes / discarded.size();
    for (std::size_t reads = 0; reads < most_reads; ++reads) {
        const bool readable = co_await wait_briefly(Socket::wait_read);
        if (!readable)
            co_return;
        const auto count =
            ::recv(socket_.native_handle(), discarded.data(), discarded.size(), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
            co_return;
    }
}

Session::Awaitable<void> Session::wait_for_ever() {
    asio::steady_timer never(socket_.get_executor(), Clock::TimePoint::max());
    co_await never.async_wait(use_awaitable);
}

Session::Awaitable<bool> Session::wait_briefly(Socket::wait_type what) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(socket_.get_executor());
    clock_.arm(timer, clock_.now() + limits::client_stall);
    asio::error_code ready_error;
    asio::error_code timer_error;
    const auto first =
        co_await (socket_.async_wait(what, asio::redirect_error(use_awaitable, ready_error)) ||
                  timer.async_wait(asio::redirect_error(use_awaitable, timer_error)));
    co_return first.index() == 0 && !ready_error;
}

} // namespace lvmpolld
