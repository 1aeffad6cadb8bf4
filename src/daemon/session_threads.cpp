// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session_threads.h"

#include "base/error.h"
#include "base/must_not_fail.h"
#include "state/state_directory.h"

#include <asio/co_spawn.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <numeric>
#include <string>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

/// Neither is a request in the socket, nor an answer on its way to the client.
bool nothing_is_under_way(int client) {
    int unread = 0;
    int unsent = 0;
    return ::ioctl(client, SIOCINQ, &unread) == 0 && unread == 0 &&
           ::ioctl(client, SIOCOUTQ, &unsent) == 0 && unsent == 0;
}

/// Only a service manager's connections outlive the daemon.
std::string directory_of_marks(const DescriptorStore& store, StateDirectory* state) {
    return store.exists() && state != nullptr && state->make() ? state->path() : std::string();
}

} // namespace

SessionThreads::SessionThreads(Service& service, StateDirectory* state, const Records* records,
                               Log& log, std::function<void()> left)
    : service_(service), log_(log), left_(std::move(left)),
      answer_marks_(directory_of_marks(descriptor_store_, state)),
      loops_{Loop(records), Loop(records)} {
    for (std::size_t thread = 0; thread < threads; ++thread)
        loops_[thread].answering = &answer_marks_.of(thread);
}

SessionThreads::~SessionThreads() {
    for (auto& loop : loops_)
        loop.context.shutdown();
}

void SessionThreads::open(FileDescriptor client) {
    auto claims = std::make_unique<Claims>(++last_session_);
    // Before anything else: a kill until then loses the client.
    const bool kept = descriptor_store_.add_now(client.get(), claims->session());
    open(std::move(client), std::move(claims), kept);
}

void SessionThreads::take_up(FileDescriptor client, std::unique_ptr<Claims> claims) {
    reserve(claims->session());
    if (answer_marks_.was_interrupted(claims->session()) && nothing_is_under_way(client.get())) {
        log_.write(LogLevel::warning,
                   "a client's answer may have been lost with the last daemon; its "
                   "connection is closed rather than left waiting");
        ::shutdown(client.get(), SHUT_RDWR);
    }
    open(std::move(client), std::move(claims), true);
}

void SessionThreads::open(FileDescriptor client, std::unique_ptr<Claims> claims, bool stored) {
    try {
        auto& loop = loop_for_another();
        ++loop.sessions;
        try {
            asio::co_spawn(loop.context, serve(loop, client.get(), std::move(claims), stored),
                           must_not_fail);
        } catch (const std::bad_alloc&) {
            --loop.sessions;
            throw;
        }
    } catch (...) {
        // The manager's copy would keep the client waiting. It is dropped when it has hung up.
        ::shutdown(client.get(), SHUT_RDWR);
        throw;
    }
    static_cast<void>(client.release()); // the coroutine's
}

SessionThreads::Loop& SessionThreads::loop_for_another() {
    auto& loop = *std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
        return a.sessions < b.sessions;
    });
    if (&loop != &loops_.front() && !loop.thread.joinable()) {
        try {
            loop.thread = std::thread([&loop] { loop.context.run(); });
        } catch (const std::system_error& error) {
            throw_errno("cannot start a thread", error.code().value());
        }
    }
    return loop;
}

Session::Awaitable<void> SessionThreads::serve(Loop& loop, int client,
                                               std::unique_ptr<Claims> claims, bool stored) {
    const auto number = claims->session();
    const bool keeps = descriptor_store_.exists();
    try {
        auto socket = owner_of<Session::Socket>(FileDescriptor(client), loop.context,
                                                asio::local::stream_protocol());
        try {
            if (keeps && !stored)
                co_await keep(loop, socket.native_handle(), number);
            Session session(socket, service_, keeps ? &descriptor_store_ : nullptr, *loop.answering,
                            *claims, loop.record_wait, clock_);
            co_await session.run();
        } catch (...) {
            log_failed_session();
        }
        ::shutdown(socket.native_handle(),
                   SHUT_RDWR); // the service manager holds another descriptor
    } catch (...) {
        log_failed_session();
    }
    claims.reset();
    --loop.sessions;
    if (clients() == 0)
        left_();
    if (!keeps)
        co_return;
    try {
        co_await descriptor_store_.remove(loop.context.get_executor(), number);
    } catch (...) {
        log_failed_session();
    }
}

void SessionThreads::log_failed_session() const noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        log_.write(LogLevel::error, "a client is dropped: not enough memory");
    } catch (const std::exception& error) {
        log_.write(LogLevel::error, std::string("a client's session failed: ") + error.what());
    }
}

Session::Awaitable<void> SessionThreads::keep(Loop& loop, int client, SessionNumber number) {
    const bool kept = co_await descriptor_store_.add(loop.context.get_executor(), client, number);
    if (!kept)
        log_.write(LogLevel::warning,
                   "the service manager doesn't take a client's connection: it won't "
                   "outlive this process");
}

std::size_t SessionThreads::clients() const noexcept {
    return std::accumulate(loops_.begin(), loops_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& loop) { return sum + loop.sessions; });
}

void SessionThreads::records_written() {
    for (auto& loop : loops_)
        loop.record_wait.notify();
}

void SessionThreads::stop() {
    for (auto& loop : loops_)
        loop.context.stop();
}

void SessionThreads::join() {
    for (auto& loop : loops_)
        if (loop.thread.joinable())
            loop.thread.join();
}

} // namespace lvmpolld
