// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/deliver.h"

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace lvmpolld {

namespace {

using Executor = asio::io_context::executor_type;
using Descriptor = asio::posix::stream_descriptor::rebind_executor<Executor>::other;
using Timer = asio::steady_timer::rebind_executor<Executor>::other;

constexpr asio::use_awaitable_t<Executor> awaited;

/// Without a descriptor for a socket there is no event to wait for.
constexpr std::chrono::milliseconds shortage_pause{100};

/// A borrowed descriptor as Asio waits for it.
class Borrowed {
public:
    Borrowed(const Executor& executor, int descriptor) : descriptor_(executor, descriptor) {}

    ~Borrowed() { descriptor_.release(); }

    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    Descriptor& operator*() noexcept { return descriptor_; }

private:
    Descriptor descriptor_;
};

} // namespace

asio::awaitable<bool, Executor> deliver(Notification notification, Executor executor,
                                        std::chrono::steady_clock::duration patience) {
    using namespace asio::experimental::awaitable_operators;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool sent = notification.send();
    std::optional<Borrowed> socket;
    while (!sent && std::chrono::steady_clock::now() < deadline) {
        Timer timer(executor);
        asio::error_code ignored;
        if (notification.socket() < 0) {
            timer.expires_at(std::min(deadline, std::chrono::steady_clock::now() + shortage_pause));
            co_await timer.async_wait(asio::redirect_error(awaited, ignored));
        } else {
            if (!socket)
                socket.emplace(executor, notification.socket());
            asio::error_code timer_ignored;
            timer.expires_at(deadline);
            co_await ((**socket).async_wait(Descriptor::wait_write,
                                            asio::redirect_error(awaited, ignored)) ||
                      timer.async_wait(asio::redirect_error(awaited, timer_ignored)));
        }
        sent = notification.send();
    }
    co_return sent;
}

} // namespace lvmpolld
