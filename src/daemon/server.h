// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/mutex.h"
#include "daemon/answer_marks.h"
#include "daemon/descriptor_store.h"
#include "daemon/listening_socket.h"
#include "daemon/options.h"
#include "daemon/service.h"
#include "daemon/session.h"
#include "dm/control_kernel.h"
#include "engine/adoption.h"
#include "engine/monitor.h"
#include "lvpoll/child_launcher.h"
#include "state/state_directory.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace lvmpolld {

/// The daemon at work: the control loop, whose threads each have an io_context of their own and thereby their
/// own sessions, and the monitor loop. Built and run by the main thread, which is the first of the control
/// loop's; that one also accepts, handles signals and watches for idleness.
class Server {
public:
    /// The signals that stop the daemon; they must be blocked in every thread.
    static constexpr std::array stop_signals{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGALRM};

    /// `state`: where operations are written down; null: nowhere.
    Server(const Options& options, LvPollSettings lvpoll, ListeningSocket& listening_socket,
           StateDirectory* state, Log& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Goes on with what an earlier daemon has recorded, and with those of its clients whose connections are
    /// in `passed`. Before run().
    void take_up(std::vector<PassedDescriptor>&& passed);

    /// Tells the service manager that the daemon is ready, and serves until a signal comes or the daemon has
    /// been idle for long enough.
    void run();

private:
    static constexpr std::size_t control_threads = AnswerMarks::threads;

    /// One thread's share of the control loop.
    struct ControlLoop {
        /// One thread runs it and alone touches its sockets.
        asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE_IO};
        asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
        std::atomic<std::size_t> sessions = 0;
        AnswerMarks::Mark* answering = nullptr;
        std::thread thread; ///< started with the first session; none for the main thread's
    };

    asio::awaitable<void> accept_clients();
    asio::awaitable<void> accept_one();
    asio::awaitable<void> wait_for_stop_signal();
    void admit(FileDescriptor client);

    /// The claims of each connection that has outlived an earlier daemon. What nobody takes over becomes
    /// free.
    using RestoredSessions = std::map<SessionNumber, std::unique_ptr<Claims>>;

    RestoredSessions take_up_operations();
    void take_up_session(FileDescriptor client, std::unique_ptr<Claims> claims);
    void open_session(FileDescriptor client, std::unique_ptr<Claims> claims, bool stored);
    /// `claims` is the coroutine's from the beginning: whatever fails, they are not lost.
    Session::Awaitable<void> serve(ControlLoop& loop, FileDescriptor client, std::unique_ptr<Claims> claims,
                                   bool stored);
    /// Hands the connection to the service manager, if it takes it.
    Session::Awaitable<void> keep(ControlLoop& loop, int client, SessionNumber number);
    /// Of the exception that is being handled.
    void log_failed_session() const noexcept;
    bool is_trusted(int client);
    std::size_t clients() const noexcept;
    void start(std::shared_ptr<Operation> operation);
    void adopt(PollRequest request);
    void check_idle();
    void stop(const std::string& reason);
    void stop_loops();
    void start_thread(std::thread& thread, asio::io_context& context);
    void start_monitor() EXCLUDES(monitor_mutex_);

    Log& log_;
    StateDirectory* const state_;
    const DescriptorStore descriptor_store_;
    AnswerMarks answer_marks_;
    SessionNumber last_session_ = 0;
    const std::chrono::seconds idle_exit_;
    ListeningSocket& listening_socket_;
    Store polls_;
    Store aborts_;
    Service service_;

    std::array<ControlLoop, control_threads> control_;
    ControlLoop& main_ = control_.front();
    asio::posix::stream_descriptor acceptor_;
    asio::posix::stream_descriptor signals_;
    asio::steady_timer idle_;
    bool stopping_ = false;
    bool crowded_ = false;
    int accept_failure_ = 0; ///< errno of the last attempt to accept a client

    /// Its coroutines refer to the members below: they are dropped before those go.
    struct MonitorContext : asio::io_context {
        using asio::execution_context::shutdown;
        using asio::io_context::io_context;
    };

    MonitorContext monitor_context_{1};
    Mutex monitor_mutex_;
    bool monitor_may_start_ GUARDED_BY(monitor_mutex_) = true; ///< until the stop
    std::thread monitor_thread_; ///< started with the first operation, under the mutex
    asio::executor_work_guard<asio::io_context::executor_type> monitor_work_ =
        asio::make_work_guard(monitor_context_);
    Clock clock_;
    ChildLauncher launcher_;
    dm::ControlKernel kernel_;
    KernelWatch kernel_watch_;
    CopyErrors copy_errors_;
    Watching watching_;
    Monitor monitor_;
    std::optional<Adoption> adoption_; ///< if copies that nobody polls are looked for
};

} // namespace lvmpolld
