// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/async_log.h"

#include "base/harmless.h"
#include "base/narrow_thread.h"
#include "base/write_all.h"

#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <new>
#include <numeric>
#include <string_view>
#include <system_error>

namespace lvmpolld {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20;

struct LevelText {
    int priority;
    std::string_view name;
};

LevelText text_of(LogLevel level) {
    switch (level) {
    case LogLevel::fatal:
        return {LOG_CRIT, "fatal"};
    case LogLevel::error:
        return {LOG_ERR, "error"};
    case LogLevel::warning:
        return {LOG_WARNING, "warning"};
    case LogLevel::notice:
        return {LOG_NOTICE, "notice"};
    case LogLevel::info:
        return {LOG_INFO, "info"};
    case LogLevel::debug:
        return {LOG_DEBUG, "debug"};
    case LogLevel::wire:
        return {LOG_DEBUG, "wire"};
    case LogLevel::command:
        return {LOG_DEBUG, "command"};
    }
    return {LOG_ERR, "error"};
}

unsigned bit(LogLevel level) {
    return 1U << static_cast<unsigned>(level);
}

constexpr std::array always_shown{LogLevel::fatal, LogLevel::error, LogLevel::warning,
                                  LogLevel::notice};

bool is_error(LogLevel level) {
    return level == LogLevel::fatal || level == LogLevel::error;
}

} // namespace

AsyncLog::AsyncLog(Output output, const std::set<LogLevel>& levels,
                   std::shared_ptr<Statistics> statistics, std::string journal_socket)
    : output_(output), journal_socket_(std::move(journal_socket)),
      statistics_(std::move(statistics)) {
    show(levels);
    ::openlog("lvmpolld", LOG_PID, LOG_DAEMON);
}

void AsyncLog::show(const std::set<LogLevel>& levels) noexcept {
    unsigned bits = 0;
    for (const auto level : always_shown)
        bits |= bit(level);
    for (const auto level : levels)
        bits |= bit(level);
    levels_.store(bits, std::memory_order_relaxed);
}

AsyncLog::~AsyncLog() {
    flush();
}

void AsyncLog::flush() {
    std::unique_lock lock(queue_->mutex);
    queue_->ending = true;
    if (!thread_.joinable())
        return;
    queue_->changed.notify_one();
    const bool ended =
        queue_->drained.wait_for(lock, std::chrono::seconds(1), [&] { return queue_->ended; });
    lock.unlock();
    if (ended)
        thread_.join();
    else
        thread_.detach();
}

bool AsyncLog::enabled(LogLevel level) const noexcept {
    return (levels_.load(std::memory_order_relaxed) & bit(level)) != 0;
}

std::size_t AsyncLog::Message::size() const {
    return std::accumulate(
        fields.begin(), fields.end(), text.size(),
        [](std::size_t sum, const auto& field) { return sum + field.second.size(); });
}

void AsyncLog::write(LogLevel level, std::string message) noexcept {
    write(level, std::move(message), {});
}

void AsyncLog::write(LogLevel level, std::string message, LogFields fields) noexcept {
    if (!enabled(level))
        return;
    make_harmless(message); // it may name a device, whose name may be anything
    Message entry{level, std::move(message), std::move(fields)};
    const auto size = entry.size();
    const std::lock_guard lock(queue_->mutex);
    if (queue_->bytes + size > most_bytes) {
        ++queue_->lost;
        statistics_->dropped_log_lines.add();
        return;
    }
    try {
        queue_->messages.push_back(std::move(entry));
        queue_->bytes += size;
        if (!thread_.joinable())
            thread_ = std::thread([queue = queue_, output = output_, journal = journal_socket_] {
                run(queue, output, journal);
            });
    } catch (const std::system_error&) { // no thread: the next message may find one
    } catch (const std::bad_alloc&) {
        ++queue_->lost;
        statistics_->dropped_log_lines.add();
    }
    queue_->changed.notify_one();
}

void AsyncLog::put(Output output, Journal& journal, const Message& message) {
    const auto [priority, name] = text_of(message.level);
    if (output == Output::terminal)
        write_all(STDERR_FILENO, "lvmpolld: " + std::string(name) + ": " + message.text + "\n");
    else if (journal.send(priority, message.text, message.fields))
        return;
    else if (output == Output::journal)
        write_all(STDERR_FILENO, "<" + std::to_string(priority) + ">" + message.text + "\n");
    // Where stderr is the journal, it has the message already: syslog ends there, too.
    if (output == Output::syslog || (output == Output::terminal && is_error(message.level)))
        ::syslog(priority, "%s", message.text.c_str());
}

void AsyncLog::run(const std::shared_ptr<Queue>& queue, Output output,
                   const std::string& journal_socket) {
    narrow_thread(rights::log);
    Journal journal(journal_socket);
    std::unique_lock lock(queue->mutex);
    for (;;) {
        queue->changed.wait(lock, [&] { return queue->ending || !queue->messages.empty(); });
        if (queue->messages.empty())
            break;
        const auto message = std::move(queue->messages.front());
        queue->messages.pop_front();
        queue->bytes -= message.size();
        const auto lost = queue->messages.empty() ? std::exchange(queue->lost, 0) : 0;
        lock.unlock();
        put(output, journal, message);
        if (lost > 0)
            put(output, journal,
                {LogLevel::warning,
                 std::to_string(lost) + " messages were lost: the log did not take them in time",
                 {}});
        lock.lock();
    }
    queue->ended = true;
    queue->drained.notify_one();
}

AsyncLog::Output AsyncLog::output_for_stderr() {
    const char* stream = std::getenv("JOURNAL_STREAM");

    struct stat status {};

    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0)
        return Output::terminal;
    const auto own = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    return own == stream ? Output::journal : Output::terminal;
}

} // namespace lvmpolld
