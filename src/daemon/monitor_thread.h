// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/mutex.h"
#include "daemon/loop_context.h"
#include "daemon/options.h"
#include "daemon/record_wait.h"
#include "daemon/survey.h"
#include "dm/control_kernel.h"
#include "engine/adoption.h"
#include "engine/monitor.h"
#include "lvpoll/child_launcher.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace lvmpolld {

/// The thread that polls: the monitor's event loop with everything that runs on it. It starts when
/// it is first needed, or ahead of that. Its children get the rights of whoever has started it.
class MonitorThread {
public:
    /// `changed` is called on this thread after the begin and the end of an operation, and when no
    /// copy is left that may have to be adopted.
    MonitorThread(const Options& options, LvPollSettings lvpoll, Store& polls, Store& aborts,
                  Records* records, RecentResults& recent, std::shared_ptr<Statistics> statistics,
                  Log& log, std::function<void()> changed);
    ~MonitorThread();
    MonitorThread(const MonitorThread&) = delete;
    MonitorThread& operator=(const MonitorThread&) = delete;

    /// Starts the thread, though there is nothing to do yet. Throws if there is none. Any thread.
    void start_ahead() { start_thread(); }

    /// Takes up what an earlier daemon has left (Monitor::take_up), and looks for copies to adopt,
    /// if that is wanted. Throws if there is no thread.
    void begin(std::vector<Monitor::Unfinished> unfinished, SuspectList suspects,
               Monitor::AtHand at_hand);

    /// Begins an operation that a store has newly accepted and that is recorded. Throws if there is
    /// no thread. Any thread.
    void start(std::shared_ptr<Operation> operation);

    /// There are copies that may have to be adopted. Any thread.
    bool is_adopting() const noexcept { return adoption_ && adoption_->is_watching(); }

    /// Records were written. Any thread.
    void records_written() { record_wait_.notify(); }

    /// What goes on (Survey::take), without what there is no memory for; `answer` is called on this
    /// thread. Throws if there is no thread. Any thread, as is the next.
    void survey(std::uint64_t results, std::function<void(std::optional<Survey::Answer>)> answer);

    /// From now on `changed` is called on this thread when something may have changed; null: no
    /// more. Likewise.
    void follow(std::function<void()> changed);

    /// Whether lvpolls tell what they do (-vvvv). Any thread.
    void be_verbose(bool verbose);

    /// Calls `answer` on this thread: it lives. Throws if there is no thread. Any thread.
    void ask(std::function<void()> answer);

    /// Ends every lvpoll (Monitor::stop) and calls `stopped`, on this thread or at once; nothing
    /// can be started any more.
    void stop(std::function<void()> stopped);

    /// Ends the loop, and waits for the thread.
    void join();

private:
    void start_thread() EXCLUDES(mutex_);
    void adopt(PollRequest request);
    asio::awaitable<void, RecordWait::Executor>
    start_recorded(std::shared_ptr<Operation> operation);

    LoopContext context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ =
        asio::make_work_guard(context_);
    Mutex mutex_;
    bool may_start_ GUARDED_BY(mutex_) = true; ///< until the stop
    std::thread thread_;                       ///< started under the mutex

    Store& polls_;
    const std::function<void()> changed_;
    RecordWait record_wait_;
    Clock clock_;
    ChildLauncher launcher_;
    dm::ControlKernel kernel_;
    KernelWatch kernel_watch_;
    CopyErrors copy_errors_;
    Watching watching_;
    Survey survey_;
    Monitor monitor_;
    std::optional<Adoption> adoption_; ///< if copies that nobody polls are looked for
};

} // namespace lvmpolld
