// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/listener.h"
#include "daemon/listening_socket.h"
#include "daemon/monitor_thread.h"
#include "daemon/options.h"
#include "daemon/service.h"
#include "daemon/session_threads.h"
#include "daemon/supervision.h"
#include "daemon/varlink_server.h"
#include "operation/recent_results.h"
#include "operation/store.h"
#include "state/record_writer.h"
#include "state/state_directory.h"

#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <signal.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld {

/// The daemon at work. Holds the stores and the jobs: the threads that serve sessions, the thread
/// that polls, the one that writes records. Its own job is what becomes of all of them: signals,
/// idle time, the stop. Built and run by the main thread.
class Server {
public:
    /// The signals that stop the daemon; they must be blocked in every thread.
    static constexpr std::array stop_signals{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGALRM};

    /// Where clients arrive.
    struct Sockets {
        ListeningSocket& lvm;
        ListeningSocket* varlink; ///< null: nobody is to watch
    };

    /// `state`: where operations are written down; null: nowhere. `hangup`: what SIGHUP does; null:
    /// it stops the daemon, too. It throws nothing, and is called by run().
    Server(const Options& options, LvPollSettings lvpoll, Sockets sockets, StateDirectory* state,
           std::shared_ptr<Statistics> statistics, Log& log, std::function<void()> hangup);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Goes on with what an earlier daemon has recorded, and with those of its clients whose
    /// connections are in `passed`. From then on this thread can't start a program any more. Before
    /// run().
    void take_up(std::vector<PassedDescriptor>&& passed);

    /// From now on these hold, of what a running daemon can take (Setting::at_start_only). Main
    /// thread.
    void apply(const Options& options);

    /// Tells the service manager that the daemon is ready, and serves until a signal comes or the
    /// daemon has been idle for long enough. False if the state directory hangs: the log says what
    /// was not written, and the process has to end as it is, for what writes can't be destroyed.
    bool run();

private:
    /// Gives up the rights that those who talk with clients don't need.
    void narrow();
    Listener::Clients lvm_clients();
    Listener::Clients varlink_clients();
    Observers::Monitoring monitoring();
    bool is_idle();
    void check_idle();
    /// Operations or clients have come or gone: the idle time begins anew.
    void work_has_changed();
    void ask_monitor(std::function<void()> answer);
    asio::awaitable<void> wait_for_stop_signal();
    void stop(const std::string& reason);
    bool close_records();

    Log& log_;
    StateDirectory* const state_;
    const std::shared_ptr<Statistics> statistics_;
    const std::function<void()> hangup_;
    std::chrono::seconds idle_exit_;
    const std::unique_ptr<RecordWriter> records_; ///< with a state directory
    RecentResults recent_;
    Store polls_;
    Store aborts_;
    Service service_;
    SessionThreads sessions_;
    MonitorThread monitor_;
    Clock clock_;
    VarlinkServer varlink_;
    Supervision supervision_;
    Listener listener_;
    std::optional<Listener> varlink_listener_;
    asio::posix::stream_descriptor signals_;
    asio::steady_timer idle_;
    /// When the start, or the last lvm command or operation, was over. Who only watches keeps the
    /// daemon, but does not begin its idle time anew: whoever looks every few seconds would keep it
    /// for ever.
    asio::steady_timer::time_point worked_at_{};
    bool stopping_ = false;
};

} // namespace lvmpolld
