// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session.h"

#include "base/limits.h"
#include "wire/reply.h"

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <array>

namespace lvmpolld {

asio::awaitable<void> Session::run() {
    // g++ 12 miscompiles co_await within a condition of a loop or of `?:`; hence the named values in this
    // file.
    for (bool open = true; open;) {
        open = co_await receive();
        if (open)
            open = co_await answer_messages();
    }
}

asio::awaitable<bool> Session::receive() {
    bool ready = false;
    if (framing_.partial())
        ready = co_await wait_briefly(Socket::wait_read);
    else
        ready = co_await wait(Socket::wait_read);
    if (!ready)
        co_return false;
    const auto space = framing_.space();
    const auto count = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count < 0)
        co_return errno == EAGAIN || errno == EINTR;
    framing_.received(static_cast<std::size_t>(count));
    co_return count > 0;
}

asio::awaitable<bool> Session::answer_messages() {
    for (;;) {
        const auto next = framing_.next();
        if (std::holds_alternative<wire::Framing::Incomplete>(next))
            co_return true;
        if (std::holds_alternative<wire::Framing::TooLong>(next)) {
            co_await refuse_and_drain();
            co_return false;
        }
        const auto reply = service_.answer(std::get<std::string_view>(next), claims_);
        const bool sent = co_await send(bytes(reply));
        if (!sent)
            co_return false;
    }
}

asio::awaitable<bool> Session::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count =
            ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
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

asio::awaitable<void> Session::refuse_and_drain() {
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
        const auto count = ::recv(socket_.native_handle(), discarded.data(), discarded.size(), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
            co_return;
    }
}

asio::awaitable<bool> Session::wait(Socket::wait_type what) {
    asio::error_code error;
    co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

asio::awaitable<bool> Session::wait_briefly(Socket::wait_type what) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(socket_.get_executor(), limits::client_stall);
    asio::error_code ready_error;
    asio::error_code timer_error;
    const auto first =
        co_await (socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, ready_error)) ||
                  timer.async_wait(asio::redirect_error(asio::use_awaitable, timer_error)));
    co_return first.index() == 0 && !ready_error;
}

} // namespace lvmpolld
