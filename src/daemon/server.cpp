// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/server.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/must_not_fail.h"
#include "daemon/session.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <fcntl.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>

namespace lvmpolld {

namespace {

/// How long to leave the clients waiting when one can't be accepted, for want of a descriptor mostly.
constexpr std::chrono::milliseconds accept_failure_pause{100};

/// A service manager that is too busy to take a connection is asked again.
constexpr std::chrono::milliseconds store_pause{10};
constexpr unsigned store_attempts = 100;

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

/// Neither is a request in the socket, nor an answer on its way to the client.
bool nothing_is_under_way(int client) {
    int unread = 0;
    int unsent = 0;
    return ::ioctl(client, SIOCINQ, &unread) == 0 && unread == 0 && ::ioctl(client, SIOCOUTQ, &unsent) == 0 &&
           unsent == 0;
}

int duplicate(int descriptor) {
    const int result = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (result < 0)
        throw_errno("cannot duplicate the listening socket");
    return result;
}

} // namespace

Server::Server(const Options& options, LvPollSettings lvpoll, ListeningSocket& listening_socket,
               StateDirectory* state, Log& log)
    : log_(log), state_(state),
      answer_marks_(descriptor_store_.exists() && state != nullptr && state->make() ? state->path()
                                                                                    : std::string()),
      idle_exit_(options.idle_exit), listening_socket_(listening_socket), polls_(options.retention, state),
      aborts_(options.retention, state),
      service_(
          polls_, aborts_, options.engine == Options::Engine::watch ? "watch" : "resident", log_,
          [this](std::shared_ptr<Operation> operation) { start(std::move(operation)); }, state),
      acceptor_(main_.context, duplicate(listening_socket.get())),
      signals_(main_.context, stop_signal_descriptor()), idle_(main_.context),
      launcher_(monitor_context_.get_executor(), std::move(lvpoll), log_),
      kernel_watch_(monitor_context_.get_executor(), clock_, kernel_), copy_errors_(clock_, log_),
      watching_{kernel_watch_, Trust(options.verify, copy_errors_, compare_legs, state), lvmlockd_runs},
      monitor_({monitor_context_.get_executor(), clock_, launcher_, log_,
                options.engine == Options::Engine::watch ? &watching_ : nullptr, &kernel_},
               [this] { asio::post(main_.context, [this] { check_idle(); }); }) {
    for (std::size_t thread = 0; thread < control_threads; ++thread)
        control_[thread].answering = &answer_marks_.of(thread);
    if (options.adopt)
        adoption_.emplace(
            clock_, kernel_watch_, polls_, aborts_, log_,
            [this](PollRequest request) { adopt(std::move(request)); },
            [this] { asio::post(main_.context, [this] { check_idle(); }); });
}

Server::~Server() {
    stop_loops();
    for (auto& loop : control_)
        if (loop.thread.joinable())
            loop.thread.join();
    if (monitor_thread_.joinable())
        monitor_thread_.join();
    if (state_ != nullptr)
        state_->close();
    monitor_context_.shutdown();
}

void Server::run() {
    asio::co_spawn(main_.context, accept_clients(), must_not_fail);
    asio::co_spawn(main_.context, wait_for_stop_signal(), must_not_fail);
    check_idle();
    main_.context.run();
}

void Server::take_up(std::vector<PassedDescriptor>&& passed) {
    if (state_ != nullptr)
        watching_.trust.suspects.restore(state_->load_suspects());
    if (adoption_) {
        asio::co_spawn(monitor_context_, adoption_->run(), must_not_fail);
        start_monitor();
    }
    auto sessions = take_up_operations();
    for (auto& [descriptor, name] : passed) {
        const auto number = DescriptorStore::session_of(name);
        if (!descriptor || !number)
            continue;
        auto claims = sessions.extract(*number);
        take_up_session(std::move(descriptor), *number,
                        claims ? std::move(claims.mapped()) : std::vector<RestoredClaims>());
    }
    for (const auto& [number, claims] : sessions)
        for (const auto& [operation, count] : claims)
            operation->release_claims(number, count);
}

Server::RestoredSessions Server::take_up_operations() {
    RestoredSessions sessions;
    if (state_ == nullptr)
        return sessions;
    std::map<std::string, Survivor> survivors;
    std::vector<std::shared_ptr<Operation>> operations;
    for (auto& record : state_->load())
        operations.push_back((record.request.abort ? aborts_ : polls_).restore(std::move(record)));
    std::vector<Monitor::Unfinished> unfinished;
    for (auto& operation : operations) {
        for (const auto& held : operation->held_claims()) {
            sessions[held.session].push_back({operation, held.count});
            last_session_ = std::max(last_session_, held.session);
        }
        const bool current = operation->store().find(operation->identity()) == operation;
        if (current && !operation->snapshot().result)
            unfinished.push_back({.operation = std::move(operation)});
    }
    if (unfinished.empty())
        return sessions;
    for (auto& survivor : find_survivors("lvpoll", operation_mark, state_->path() + "/"))
        survivors.emplace(survivor.mark.substr(state_->path().size() + 1), std::move(survivor));
    log_.write(LogLevel::info, "taking up " + std::to_string(unfinished.size()) +
                                   " operations of an earlier daemon, " + std::to_string(survivors.size()) +
                                   " of whose lvpolls still run");
    for (auto& [operation, survivor] : unfinished)
        if (auto found =
                survivors.extract(record_name(operation->request().abort, operation->record_number())))
            survivor = std::move(found.mapped());
    start_monitor();
    asio::post(monitor_context_, [this, unfinished = std::move(unfinished)]() mutable {
        monitor_.take_up(std::move(unfinished));
    });
    return sessions;
}

void Server::take_up_session(FileDescriptor client, SessionNumber number,
                             std::vector<RestoredClaims> claims) {
    last_session_ = std::max(last_session_, number);
    if (answer_marks_.was_interrupted(number) && nothing_is_under_way(client.get())) {
        log_.write(LogLevel::warning, "a client's answer may have been lost with the last daemon; its "
                                      "connection is closed rather than left waiting");
        ::shutdown(client.get(), SHUT_RDWR);
    }
    open_session(std::move(client), number, std::move(claims), true);
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
        accept_failure_ = 0;
        try {
            admit(std::move(client));
        } catch (const std::exception& error) {
            log_.write(LogLevel::error, std::string("a client is refused: ") + error.what());
        }
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        const int error = errno;
        if (std::exchange(accept_failure_, error) != error) // once, not ten times a second
            log_.write(LogLevel::error, std::string("cannot accept a client: ") + std::strerror(error));
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
    open_session(std::move(client), ++last_session_, {}, false);
}

void Server::open_session(FileDescriptor client, SessionNumber number, std::vector<RestoredClaims> claims,
                          bool stored) {
    auto& loop = *std::min_element(control_.begin(), control_.end(),
                                   [](const auto& a, const auto& b) { return a.sessions < b.sessions; });
    if (&loop != &main_)
        start_thread(loop.thread, loop.context);
    ++loop.sessions;
    idle_.cancel();
    try {
        asio::co_spawn(loop.context, serve(loop, std::move(client), number, std::move(claims), stored),
                       must_not_fail);
    } catch (const std::bad_alloc&) {
        --loop.sessions;
        throw;
    }
}

void Server::start_thread(std::thread& thread, asio::io_context& context) {
    if (thread.joinable())
        return;
    try {
        thread = std::thread([&context] { context.run(); });
    } catch (const std::system_error& error) {
        throw_errno("cannot start a thread", error.code().value());
    }
}

void Server::start_monitor() {
    const Lock lock(monitor_mutex_);
    if (monitor_may_start_)
        start_thread(monitor_thread_, monitor_context_);
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

Session::Awaitable<void> Server::serve(ControlLoop& loop, FileDescriptor client, SessionNumber number,
                                       std::vector<RestoredClaims> claims, bool stored) {
    const bool keeps = descriptor_store_.exists();
    try {
        auto socket =
            owner_of<Session::Socket>(std::move(client), loop.context, asio::local::stream_protocol());
        try {
            if (keeps && !stored)
                co_await keep(loop, socket.native_handle(), number);
            Session session(socket, service_, number,
                            {.store = keeps ? &descriptor_store_ : nullptr, .taken_up = stored},
                            *loop.answering);
            for (auto& [operation, count] : claims)
                session.claims().restore(std::move(operation), count);
            co_await session.run();
        } catch (...) {
            log_failed_session();
        }
        ::shutdown(socket.native_handle(), SHUT_RDWR); // the service manager holds another descriptor
    } catch (...) {
        log_failed_session();
    }
    if (keeps)
        descriptor_store_.remove(number);
    --loop.sessions;
    if (clients() == 0)
        asio::post(main_.context, [this] { check_idle(); });
}

void Server::log_failed_session() const noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        log_.write(LogLevel::error, "a client is dropped: not enough memory");
    } catch (const std::exception& error) {
        log_.write(LogLevel::error, std::string("a client's session failed: ") + error.what());
    }
}

Session::Awaitable<void> Server::keep(ControlLoop& loop, int client, SessionNumber number) {
    constexpr asio::use_awaitable_t<Session::Executor> use_awaitable;
    using Timer = asio::steady_timer::rebind_executor<Session::Executor>::other;
    for (unsigned attempt = 0; attempt < store_attempts; ++attempt) {
        if (descriptor_store_.add(client, number))
            co_return;
        Timer pause(loop.context.get_executor(), store_pause);
        co_await pause.async_wait(use_awaitable);
    }
    log_.write(LogLevel::warning, "the service manager doesn't take a client's connection: it won't outlive "
                                  "this process");
}

std::size_t Server::clients() const noexcept {
    return std::accumulate(control_.begin(), control_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& loop) { return sum + loop.sessions; });
}

void Server::start(std::shared_ptr<Operation> operation) {
    start_monitor();
    asio::post(monitor_context_,
               [this, operation = std::move(operation)]() mutable { monitor_.start(std::move(operation)); });
}

void Server::adopt(PollRequest request) {
    auto outcome = polls_.accept(std::move(request));
    auto* accepted = std::get_if<Store::Accepted>(&outcome);
    if (accepted == nullptr)
        return;
    accepted->operation->give_up_claims(0, 1); // whoever asks first is told
    if (accepted->started)
        monitor_.start(std::move(accepted->operation));
}

void Server::check_idle() {
    const auto idle = [this] {
        return clients() == 0 && polls_.in_progress() == 0 && aborts_.in_progress() == 0 &&
               !(adoption_ && adoption_->is_watching());
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
    {
        const Lock lock(monitor_mutex_);
        monitor_may_start_ = false;
    }
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
