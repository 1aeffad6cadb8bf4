// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"
#include "daemon/listener.h"
#include "daemon/listening_socket.h"
#include "daemon/loop_context.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "daemon/session_threads.h"
#include "engine/monitor.h"
#include "operation/recent_results.h"
#include "quick_launcher.h"
#include "state/record_writer.h"
#include "state/state_directory.h"
#include "volumes.h"

#include <asio/executor_work_guard.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lvmpolld::endurance {

/// What daemon/server.h and daemon/monitor_thread.h put together, with their threads, on volumes
/// and lvpolls that are simulated. Sockets, sessions, stores, records and the engine are the
/// product's.
class LoadedDaemon {
public:
    /// `directory`: for its socket and its records.
    LoadedDaemon(const std::string& directory, Volumes& volumes);
    ~LoadedDaemon();
    LoadedDaemon(const LoadedDaemon&) = delete;
    LoadedDaemon& operator=(const LoadedDaemon&) = delete;

    std::string socket_path() const { return socket_path_; }

    std::size_t clients() const noexcept { return sessions_.clients(); }

    std::size_t in_progress() { return polls_.in_progress(); }

    /// Every operation is watched.
    bool all_watch();

    /// Neither clients, nor operations, nor records.
    bool is_at_rest();

    /// Does this on the thread that polls, and waits for it.
    void on_monitor(const std::function<void()>& action);

    /// Waits until this is true, which is asked after each end of an operation, written record or
    /// end of all sessions. Throws if there is none for very long.
    void wait_until(const std::string& what, const std::function<bool()>& holds);

    /// Errors and warnings logged so far.
    std::size_t complaints() const noexcept { return log_.complaints; }

private:
    class CountingLog final : public Log {
    public:
        bool enabled(LogLevel level) const noexcept override { return level <= LogLevel::notice; }

        void write(LogLevel level, std::string) noexcept override {
            if (level <= LogLevel::warning)
                ++complaints;
        }

        std::atomic<std::size_t> complaints = 0;
    };

    /// Nothing ever speaks against a copy.
    class NoErrors final : public CopyErrors {
    public:
        using CopyErrors::CopyErrors;

        Evidence gather(const std::vector<dm::Leg>&) override { return {}; }
    };

    void happened();
    /// What has not ended.
    std::string left();
    void start(std::shared_ptr<Operation> operation);

    const std::string socket_path_;
    const std::string records_path_;
    CountingLog log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t changes_ = 0; ///< with the mutex

    LoopContext loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
    StateDirectory state_;
    std::shared_ptr<Statistics> statistics_ = std::make_shared<Statistics>();
    RecordWriter records_;
    RecentResults recent_{limits::recent_results, statistics_};
    Store polls_;
    Store aborts_;
    Service service_;
    SessionThreads sessions_;
    Clock clock_;
    QuickLauncher launcher_;
    KernelWatch events_;
    NoErrors errors_;
    Watching watching_;
    Monitor monitor_;
    std::vector<PassedDescriptor> passed_;
    ListeningSocket socket_;
    Listener listener_;
    std::thread control_thread_;
    std::thread monitor_thread_;
};

} // namespace lvmpolld::endurance
