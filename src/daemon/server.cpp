// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/server.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/session.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace lvmpolld {

namespace {

/// How long to leave the clients waiting when one can't be accepted, for want of a descriptor mostly.
constexpr std::chrono::milliseconds accept_failure_pause{100};

int stop_signal_descriptor() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : Server::stop_signals)
        ::sigaddset(&signals, signal);
    const int descriptor = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        throw_errno("cannot watch for signals");
    return descriptor;
}

/// Any VG may be a shared one then.
bool lvmlockd_runs() {
    return ::access("/run/lvm/lvmlockd.socket", F_OK) == 0;
}

int duplicate(int descriptor) {
    const int result = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (result < 0)
        throw_errno("cannot duplicate the listening socket");
    return result;
}

} // namespace

Server::Server(const Options& options, LvPollSettings lvpoll, ListeningSocket& listening_socket, Log& log)
    : log_(log), idle_exit_(options.idle_exit), listening_socket_(listening_socket),
      polls_(options.retention), aborts_(options.retention),
      service_(polls_, aborts_, options.engine == Options::Engine::watch ? "watch" : "resident", log_,
               [this](std::shared_ptr<Operation> operation) { start(std::move(operation)); }),
      acceptor_(main_.context, duplicate(listening_socket.get())),
      signals_(main_.context, stop_signal_descriptor()), idle_(main_.context),
      launcher_(monitor_context_.get_executor(), std::move(lvpoll), log_),
      kernel_watch_(monitor_context_.get_executor(), clock_, kernel_), copy_errors_(clock_, log_),
      watching_{kernel_watch_, copy_errors_, compare_legs, options.verify, lvmlockd_runs},
      monitor_({monitor_context_.get_executor(), clock_, launcher_, log_,
                options.engine == Options::Engine::watch ? &watching_ : nullptr, &kernel_},
               [this] { asio::post(main_.context, [this] { check_idle(); }); }) {}

Server::~Server() {
    monitor_context_.shutdown();
}

void Server::run() {
    asio::co_spawn(main_.context, accept_clients(), asio::detached);
    asio::co_spawn(main_.context, wait_for_stop_signal(), asio::detached);
    check_idle();
    main_.context.run();
    for (auto& loop : control_)
        if (loop.thread.joinable())
            loop.thread.join();
    if (monitor_thread_.joinable())
        monitor_thread_.join();
}

asio::awaitable<void> Server::accept_clients() {
    asio::error_code error;
    while (!stopping_) {
        co_await acceptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                      asio::redirect_error(asio::use_awaitable, error));
        if (error)
            co_return;
        co_await accept_one();
    }
}

asio::awaitable<void> Server::accept_one() {
    FileDescriptor client(::accept4(listening_socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
        try {
            admit(std::move(client));
        } catch (const std::system_error& error) {
            log_.write(LogLevel::error, std::string("a client is refused: ") + error.what());
        }
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        log_.write(LogLevel::error, std::string("cannot accept a client: ") + std::strerror(errno));
        asio::steady_timer pause(main_.context, accept_failure_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void Server::admit(FileDescriptor client) {
    if (!is_trusted(client.get()))
        return;
    const bool full = clients() >= limits::clients;
    if (full && !crowded_)
        log_.write(LogLevel::warning,
                   "clients are refused: " + std::to_string(limits::clients) + " are connected");
    crowded_ = full;
    if (full)
        return;
    auto& loop = *std::min_element(control_.begin(), control_.end(),
                                   [](const auto& a, const auto& b) { return a.sessions < b.sessions; });
    start_thread(monitor_thread_, monitor_context_);
    if (&loop != &main_)
        start_thread(loop.thread, loop.context);
    ++loop.sessions;
    idle_.cancel();
    asio::co_spawn(loop.context, serve(loop, std::move(client)), asio::detached);
}

void Server::start_thread(std::thread& thread, asio::io_context& context) {
    if (!thread.joinable())
        thread = std::thread([&context] { context.run(); });
}

bool Server::is_trusted(int client) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    if (::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return false;
    if (peer.uid == 0 || peer.uid == ::geteuid())
        return true;
    log_.write(LogLevel::warning, "refused a client of user " + std::to_string(peer.uid) + ", process " +
                                      std::to_string(peer.pid));
    return false;
}

Session::Awaitable<void> Server::serve(ControlLoop& loop, FileDescriptor client) {
    try {
        Session session(Session::Socket(loop.context, asio::local::stream_protocol(), client.release()),
                        service_);
        co_await session.run();
    } catch (const std::exception& error) {
        log_.write(LogLevel::error, std::string("a client's session failed: ") + error.what());
    }
    --loop.sessions;
    if (clients() == 0)
        asio::post(main_.context, [this] { check_idle(); });
}

std::size_t Server::clients() const noexcept {
    return std::accumulate(control_.begin(), control_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& loop) { return sum + loop.sessions; });
}

void Server::start(std::shared_ptr<Operation> operation) {
    asio::post(monitor_context_,
               [this, operation = std::move(operation)]() mutable { monitor_.start(std::move(operation)); });
}

void Server::check_idle() {
    const auto idle = [this] {
        return clients() == 0 && polls_.in_progress() == 0 && aborts_.in_progress() == 0;
    };
    if (idle_exit_.count() == 0 || stopping_ || !idle())
        return;
    idle_.expires_after(idle_exit_);
    idle_.async_wait([this, idle](const asio::error_code& cancelled) {
        if (!cancelled && idle())
            stop("idle for " + std::to_string(idle_exit_.count()) + " s");
    });
}

asio::awaitable<void> Server::wait_for_stop_signal() {
    for (;;) {
        asio::error_code error;
        co_await signals_.async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::redirect_error(asio::use_awaitable, error));
        signalfd_siginfo info{};
        if (::read(signals_.native_handle(), &info, sizeof(info)) == sizeof(info))
            stop("signal " + std::to_string(info.ssi_signo) + " (" +
                 ::strsignal(static_cast<int>(info.ssi_signo)) + ")");
    }
}

void Server::stop(const std::string& reason) {
    if (std::exchange(stopping_, true))
        return;
    if (log_.enabled(LogLevel::info))
        log_.write(LogLevel::info, "stopping: " + reason);
    notify_service_manager("STOPPING=1");
    service_.stop_starting();
    acceptor_.close();
    idle_.cancel();
    if (!monitor_thread_.joinable())
        return stop_loops();
    asio::post(monitor_context_, [this] { monitor_.stop([this] { stop_loops(); }); });
}

void Server::stop_loops() {
    monitor_context_.stop();
    for (auto& loop : control_)
        loop.context.stop();
}

} // namespace lvmpolld
