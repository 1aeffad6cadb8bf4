// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loaded_daemon.h"

#include "base/must_not_fail.h"
#include "operation/operation.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>

namespace lvmpolld::endurance {

namespace {

/// Without any change; a busy machine may take longer for all of them.
constexpr std::chrono::minutes longest_wait{3};

verify::Outcome compare_nothing(const dm::Copy& copy, const std::stop_token&, verify::Compared&) {
    throw std::logic_error("the copy of " + copy.dm_name + " is suspect, and nothing is");
}

} // namespace

LoadedDaemon::LoadedDaemon(const std::string& directory, Volumes& volumes)
    : socket_path_(directory + "/socket"), records_path_(directory + "/state"),
      state_(records_path_, log_), records_(state_,
                                            [this] {
                                                sessions_.records_written();
                                                happened();
                                            }),
      polls_({}, &records_, &recent_), aborts_({}, &records_, &recent_),
      service_(
          polls_, aborts_, "watch", log_,
          [this](std::shared_ptr<Operation> operation) { start(std::move(operation)); }, &state_,
          statistics_),
      sessions_(service_, &state_, &records_, log_, [this] { happened(); }),
      launcher_(loop_.get_executor(), volumes), events_(loop_.get_executor(), clock_, volumes),
      errors_(clock_, log_),
      watching_{events_, Trust(Verify::suspect, errors_, compare_nothing, &records_),
                [] { return false; }},
      monitor_({.executor = loop_.get_executor(),
                .clock = clock_,
                .launcher = launcher_,
                .log = log_,
                .watching = &watching_,
                .kernel = &volumes,
                .statistics = statistics_},
               [this] { happened(); }),
      socket_(socket_path_, passed_),
      listener_(socket_.get(), sessions_.main(),
                {[this](FileDescriptor client) { sessions_.open(std::move(client)); },
                 [this] { return sessions_.clients(); }, limits::clients},
                log_),
      control_thread_([this] {
          asio::co_spawn(sessions_.main(), listener_.run(), must_not_fail);
          sessions_.main().run();
      }),
      monitor_thread_([this] { loop_.run(); }) {}

LoadedDaemon::~LoadedDaemon() {
    std::promise<void> stopped;
    asio::post(loop_, [&] { monitor_.stop([&] { stopped.set_value(); }); });
    stopped.get_future().wait();
    sessions_.stop();
    control_thread_.join();
    sessions_.join();
    loop_.stop();
    monitor_thread_.join();
    records_.close();
    loop_.shutdown();
}

void LoadedDaemon::start(std::shared_ptr<Operation> operation) {
    asio::post(loop_, [this, operation = std::move(operation)]() mutable {
        monitor_.start(std::move(operation));
    });
}

bool LoadedDaemon::all_watch() {
    return std::ranges::all_of(polls_.operations(), [](const auto& operation) {
        return operation->snapshot().phase == Phase::watching;
    });
}

bool LoadedDaemon::is_at_rest() {
    if (clients() > 0 || !polls_.operations().empty() || !aborts_.operations().empty())
        return false;
    const std::filesystem::directory_iterator files(records_path_);
    return std::none_of(begin(files), end(files), [](const auto& file) {
        return file.path().filename().string().starts_with("poll-");
    });
}

void LoadedDaemon::on_monitor(const std::function<void()>& action) {
    std::promise<void> done;
    asio::post(loop_, [&] {
        action();
        done.set_value();
    });
    done.get_future().wait();
}

void LoadedDaemon::happened() {
    const std::lock_guard lock(mutex_);
    ++changes_;
    changed_.notify_all();
}

void LoadedDaemon::wait_until(const std::string& what, const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto seen = changes_;
        lock.unlock();
        if (holds())
            return;
        lock.lock();
        if (!changed_.wait_for(lock, longest_wait, [&] { return changes_ != seen; }))
            throw std::runtime_error("waited in vain for " + what + ": " + left());
    }
}

std::string LoadedDaemon::left() {
    auto text = std::to_string(clients()) + " clients, " + std::to_string(in_progress()) +
                " operations in progress";
    for (const auto& operation : polls_.operations()) {
        const auto seen = operation->snapshot();
        if (!seen.result)
            return text + ", the first of them " + describe(operation->request()) + ", " +
                   std::string(name(seen.phase)) + " " + seen.waits_for;
    }
    return text;
}

} // namespace lvmpolld::endurance
