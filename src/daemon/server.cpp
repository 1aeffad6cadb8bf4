// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/server.h"

#include "base/error.h"
#include "base/joined.h"
#include "base/limits.h"
#include "base/must_not_fail.h"
#include "base/narrow_thread.h"
#include "daemon/take_up.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <sys/signalfd.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

/// How long the stop may take, with some time for the rest of it.
constexpr std::chrono::seconds longest_stop =
    limits::child_termination + limits::record_patience + std::chrono::seconds(5);

FileDescriptor stop_signal_descriptor() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : Server::stop_signals)
        ::sigaddset(&signals, signal);
    FileDescriptor descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor)
        throw_errno("cannot watch for signals");
    return descriptor;
}

} // namespace

Server::Server(const Options& options, LvPollSettings lvpoll, Sockets sockets,
               StateDirectory* state, std::shared_ptr<Statistics> statistics, Log& log,
               std::function<void()> hangup)
    : log_(log), state_(state), statistics_(std::move(statistics)), hangup_(std::move(hangup)),
      idle_exit_(options.idle_exit),
      records_(state == nullptr ? nullptr
                                : std::make_unique<RecordWriter>(*state,
                                                                 [this] {
                                                                     sessions_.records_written();
                                                                     monitor_.records_written();
                                                                 })),
      recent_(limits::recent_results, statistics_),
      polls_(options.retention, records_.get(), &recent_),
      aborts_(options.retention, records_.get(), &recent_),
      service_(
          polls_, aborts_, options.engine == Options::Engine::watch ? "watch" : "resident", log_,
          [this](std::shared_ptr<Operation> operation) { monitor_.start(std::move(operation)); },
          state, statistics_),
      sessions_(service_, state, records_.get(), log_, [this] { work_has_changed(); }),
      monitor_(options, std::move(lvpoll), polls_, aborts_, records_.get(), recent_, statistics_,
               log_, [this] { work_has_changed(); }),
      varlink_(sessions_.main(), clock_, monitoring(), statistics_,
               [this] { asio::post(sessions_.main(), [this] { check_idle(); }); }),
      supervision_(
          sessions_.main(), [this](auto answer) { ask_monitor(std::move(answer)); }, polls_,
          aborts_, watchdog_time(options.watchdog), limits::status_pause),
      listener_(sockets.lvm.get(), sessions_.main(), lvm_clients(), log_),
      signals_(
          owner_of<asio::posix::stream_descriptor>(stop_signal_descriptor(), sessions_.main())),
      idle_(sessions_.main()) {
    if (sockets.varlink != nullptr)
        varlink_listener_.emplace(sockets.varlink->get(), sessions_.main(), varlink_clients(),
                                  log_);
}

Server::~Server() {
    sessions_.stop();
    sessions_.join();
    monitor_.join();
    close_records();
}

Listener::Clients Server::lvm_clients() {
    return {[this](FileDescriptor client) { sessions_.open(std::move(client)); },
            [this] { return sessions_.clients(); }, limits::clients};
}

Listener::Clients Server::varlink_clients() {
    return {[this](FileDescriptor client) { varlink_.open(std::move(client)); },
            [this] { return varlink_.clients(); }, limits::varlink_clients};
}

Observers::Monitoring Server::monitoring() {
    return {[this](std::uint64_t results, auto answer) {
                monitor_.survey(results, [this, answer = std::move(answer)](auto taken) {
                    asio::post(sessions_.main(), [answer, taken = std::move(taken)]() mutable {
                        answer(std::move(taken));
                    });
                });
            },
            [this](bool follows) {
                const auto nudge = [this] {
                    asio::post(sessions_.main(), [this] { varlink_.nudge(); });
                };
                monitor_.follow(follows ? std::function<void()>(nudge) : nullptr);
            }};
}

void Server::take_up(std::vector<PassedDescriptor>&& passed) {
    Inheritance left;
    if (state_ != nullptr)
        left = take_up_operations(*state_, polls_, aborts_, log_);
    statistics_->taken_up.add(left.unfinished.size());
    if (!left.claims.empty())
        sessions_.reserve(left.claims.rbegin()->first);
    monitor_.begin(std::move(left.unfinished), std::move(left.suspects),
                   [this](const Operation* operation) {
                       if (state_ != nullptr)
                           state_->take_up(operation == nullptr ? nothing_taken_up
                                                                : taken_up_file(*operation));
                   });
    narrow(); // before a client is served, and before there is a second thread that serves them
    for (auto& [descriptor, name] : passed) {
        const auto number = DescriptorStore::session_of(name);
        if (!descriptor || !number)
            continue;
        auto claims = left.claims.extract(*number);
        sessions_.take_up(std::move(descriptor), claims ? std::move(claims.mapped())
                                                        : std::make_unique<Claims>(*number, true));
    }
}

void Server::narrow() {
    try {
        monitor_.start_ahead(); // a narrow thread can't start it: its children would be as narrow
    } catch (const std::system_error&) {
        return; // the first operation tries again, with the rights that it needs
    }
    if (const int error = narrow_thread(rights::files); error != 0)
        log_.write(LogLevel::info, std::string("threads keep rights that they don't need: ") +
                                       std::strerror(error));
}

bool Server::run() {
    auto& loop = sessions_.main();
    asio::co_spawn(loop, listener_.run(), must_not_fail);
    if (varlink_listener_)
        asio::co_spawn(loop, varlink_listener_->run(), must_not_fail);
    asio::co_spawn(loop, wait_for_stop_signal(), must_not_fail);
    supervision_.ready();
    work_has_changed();
    loop.run();
    sessions_.stop();
    sessions_.join();
    monitor_.join();
    const bool in_order = close_records();
    if (state_ != nullptr && in_order)
        state_->end_life();
    return in_order;
}

bool Server::close_records() {
    if (!records_)
        return true;
    const auto unwritten = records_->close();
    if (unwritten.empty())
        return true;
    log_.write(LogLevel::error, "the state directory " + state_->path() +
                                    " does not answer. What has become of these is LOST: " +
                                    joined(unwritten, ", "));
    return false;
}

bool Server::is_idle() {
    return sessions_.clients() == 0 && varlink_.clients() == 0 && polls_.in_progress() == 0 &&
           aborts_.in_progress() == 0 && !monitor_.is_adopting();
}

void Server::check_idle() {
    if (idle_exit_.count() == 0 || stopping_ || !is_idle())
        return;
    idle_.expires_at(worked_at_ + idle_exit_);
    idle_.async_wait([this](const asio::error_code& cancelled) {
        if (!cancelled && is_idle())
            stop("idle for " + std::to_string(idle_exit_.count()) + " s");
    });
}

void Server::work_has_changed() {
    asio::post(sessions_.main(), [this] {
        if (stopping_)
            return;
        worked_at_ = asio::steady_timer::clock_type::now();
        supervision_.update();
        check_idle();
    });
}

void Server::ask_monitor(std::function<void()> answer) {
    monitor_.ask([this, answer = std::move(answer)]() mutable {
        asio::post(sessions_.main(), std::move(answer));
    });
}

void Server::apply(const Options& options) {
    idle_exit_ = options.idle_exit;
    polls_.retain(options.retention);
    aborts_.retain(options.retention);
    monitor_.be_verbose(options.verbose_lvm);
    idle_.cancel();
    check_idle();
}

asio::awaitable<void> Server::wait_for_stop_signal() {
    for (;;) {
        asio::error_code error;
        co_await signals_.async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::redirect_error(asio::use_awaitable, error));
        signalfd_siginfo info{};
        if (::read(signals_.native_handle(), &info, sizeof(info)) != sizeof(info))
            continue;
        if (info.ssi_signo == SIGHUP && hangup_ && !stopping_) {
            supervision_.reloading();
            hangup_();
            supervision_.ready();
        } else
            stop("signal " + std::to_string(info.ssi_signo) + " (" +
                 ::strsignal(static_cast<int>(info.ssi_signo)) + ")");
    }
}

void Server::stop(const std::string& reason) {
    if (std::exchange(stopping_, true))
        return;
    if (log_.enabled(LogLevel::info))
        log_.write(LogLevel::info, "stopping: " + reason);
    supervision_.stopping(longest_stop);
    service_.stop_starting();
    listener_.close();
    if (varlink_listener_)
        varlink_listener_->close();
    idle_.cancel();
    monitor_.stop([this] { sessions_.stop(); });
}

} // namespace lvmpolld
