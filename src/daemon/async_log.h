// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "base/statistics.h"
#include "daemon/journal.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace lvmpolld {

/// Writes messages to stderr, syslog and the journal on a thread of its own, so that a log that
/// blocks blocks nobody. What can't be written is kept up to a bound, then counted as lost, and the
/// count is written once there is room again.
class AsyncLog : public Log {
public:
    /// Where messages go, apart from syslog, which gets errors in any case.
    enum class Output {
        terminal, ///< stderr, for a person: "lvmpolld: warning: ..."
        journal,  ///< the journal, and else stderr, which leads there: "<4>..."
        syslog,   ///< the journal, and else syslog: the daemon has no stderr
    };

    /// Gets errors, warnings, notices and what `levels` adds. `statistics` counts what is lost. The
    /// journal is that behind `journal_socket`; it alone keeps the fields of messages.
    AsyncLog(Output output, const std::set<LogLevel>& levels,
             std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>(),
             std::string journal_socket = Journal::socket_path);

    /// From now on these are shown, and errors, warnings and notices. Any thread.
    void show(const std::set<LogLevel>& levels) noexcept;

    /// Likewise flush().
    ~AsyncLog() override;

    /// Writes what is waiting, but doesn't wait longer than a second for a log that blocks. Nothing
    /// may be written any more.
    void flush();

    bool enabled(LogLevel level) const noexcept override;
    void write(LogLevel level, std::string message) noexcept override;
    void write(LogLevel level, std::string message, LogFields fields) noexcept override;

    /// journal if stderr is the journal's stream (systemd.exec(5), $JOURNAL_STREAM), else terminal.
    static Output output_for_stderr();

private:
    struct Message {
        LogLevel level;
        std::string text;
        LogFields fields;

        std::size_t size() const;
    };

    /// What the writing thread shares; it may outlive the log if it is stuck in write(2).
    struct Queue {
        std::mutex mutex;
        std::condition_variable changed;
        std::condition_variable drained;
        std::deque<Message> messages;
        std::size_t bytes = 0;
        std::uint64_t lost = 0;
        bool ending = false;
        bool ended = false;
    };

    static void run(const std::shared_ptr<Queue>& queue, Output output,
                    const std::string& journal_socket);
    static void put(Output output, Journal& journal, const Message& message);

    const Output output_;
    const std::string journal_socket_;
    const std::shared_ptr<Statistics> statistics_;
    std::atomic<unsigned> levels_ = 0;
    std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
    std::thread thread_; ///< started with the first message, under the queue's mutex
};

} // namespace lvmpolld
