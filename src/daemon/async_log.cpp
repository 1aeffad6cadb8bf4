// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/async_log.h"

#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <new>
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

constexpr std::array always_shown{LogLevel::fatal, LogLevel::error, LogLevel::warning};

bool is_error(LogLevel level) {
    return level == LogLevel::fatal || level == LogLevel::error;
}

void write_to_stderr(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void put(AsyncLog::Output output, LogLevel level, const std::string& message) {
    const auto [priority, name] = text_of(level);
    if (output == AsyncLog::Output::terminal)
        write_to_stderr("lvmpolld: " + std::string(name) + ": " + message + "\n");
    if (output == AsyncLog::Output::journal)
        write_to_stderr("<" + std::to_string(priority) + ">" + message + "\n");
    // The journal has it already: syslog ends there, too.
    if (output == AsyncLog::Output::syslog ||
        (output == AsyncLog::Output::terminal && is_error(level)))
        ::syslog(priority, "%s", message.c_str());
}

} // namespace

AsyncLog::AsyncLog(Output output, const std::set<LogLevel>& levels,
                   std::shared_ptr<Statistics> statistics)
    : output_(output), statistics_(std::move(statistics)) {
    for (const auto level : always_shown)
        levels_ |= bit(level);
    for (const auto level : levels)
        levels_ |= bit(level);
    ::openlog("lvmpolld", LOG_PID, LOG_DAEMON);
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
    return (levels_ & bit(level)) != 0;
}

void AsyncLog::write(LogLevel level, std::string message) noexcept {
    if (!enabled(level))
        return;
    const std::lock_guard lock(queue_->mutex);
    if (queue_->bytes + message.size() > most_bytes) {
        ++queue_->lost;
        statistics_->dropped_log_lines.add();
        return;
    }
    try {
        const auto size = message.size();
        queue_->messages.emplace_back(level, std::move(message));
        queue_->bytes += size;
        if (!thread_.joinable())
            thread_ = std::thread([queue = queue_, output = output_] { run(queue, output); });
    } catch (const std::system_error&) { // no thread: the next message may find one
    } catch (const std::bad_alloc&) {
        ++queue_->lost;
        statistics_->dropped_log_lines.add();
    }
    queue_->changed.notify_one();
}

void AsyncLog::run(const std::shared_ptr<Queue>& queue, Output output) {
    std::unique_lock lock(queue->mutex);
    for (;;) {
        queue->changed.wait(lock, [&] { return queue->ending || !queue->messages.empty(); });
        if (queue->messages.empty())
            break;
        const auto [level, message] = std::move(queue->messages.front());
        queue->messages.pop_front();
        queue->bytes -= message.size();
        const auto lost = queue->messages.empty() ? std::exchange(queue->lost, 0) : 0;
        lock.unlock();
        put(output, level, message);
        if (lost > 0)
            put(output, LogLevel::warning,
                std::to_string(lost) + " messages were lost: the log did not take them in time");
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
