// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/child_lvpoll.h"

#include "operation/operation_event.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

/// What lvpoll prints because it was sent SIGTERM in its sleep (lvm2, tools/polldaemon.c).
bool is_of_interruption(std::string_view line) {
    return line.find("Interrupted") != line.npos || line.find("Polling interrupted") != line.npos;
}

/// What it prints at each commit because of the option -An: the command that began makes the
/// backup.
bool is_of_options(std::string_view line) {
    return line.find("This metadata update is NOT backed up") != line.npos;
}

} // namespace

void ChildLvPoll::Output::add(Child::Stream stream, std::string_view line) {
    const bool error = stream == Child::Stream::error;
    const bool ours = error && ((retired && is_of_interruption(line)) || is_of_options(line));
    if (error && !ours)
        last_error = line;
    const auto level = !error ? LogLevel::info : ours ? LogLevel::debug : LogLevel::warning;
    if (!limit.shows(std::chrono::steady_clock::now()))
        return limit.leave_out({level, std::string(line)}, log.enabled(level));
    report_left_out(limit.take_left_out().count);
    show(level, line);
}

void ChildLvPoll::Output::finish() {
    const auto left_out = limit.take_left_out();
    const auto shown = std::ranges::count_if(
        left_out.last, [&](const auto& line) { return log.enabled(line.first); });
    report_left_out(left_out.count - static_cast<std::uint64_t>(shown));
    for (const auto& [level, line] : left_out.last)
        show(level, line);
}

void ChildLvPoll::Output::show(LogLevel level, std::string_view line) const {
    if (said && level != LogLevel::debug) // nor what the daemon itself is the reason for
        said(line);
    if (!log.enabled(level))
        return;
    std::string message =
        "lvpoll[" + std::to_string(pid) + (level == LogLevel::info ? "]: " : "] stderr: ");
    log.write(level, message.append(line), request != nullptr ? fields_of(*request) : LogFields());
}

void ChildLvPoll::Output::report_left_out(std::uint64_t count) const {
    if (count == 0)
        return;
    statistics->dropped_log_lines.add(count);
    log.write(LogLevel::warning,
              "lvpoll[" + std::to_string(pid) + "] prints too much: " + std::to_string(count) +
                  " lines are left out",
              request != nullptr ? fields_of(*request) : LogFields());
}

ChildLvPoll::ChildLvPoll(asio::any_io_executor executor, Children& children, SpawnedProcess process,
                         const LvPollTask& task, LvPollMark mark,
                         std::shared_ptr<MemoryLock> memory_lock, Log& log,
                         std::shared_ptr<Statistics> statistics, std::function<void()> ended)
    : memory_lock_(std::move(memory_lock)), log_(log), ended_(std::move(ended)),
      output_(std::make_shared<Output>(log, process.pid, &task.request, task.said,
                                       std::move(statistics))),
      others_(!mark.is_script
                  ? nullptr
                  : std::make_unique<LeftProcesses>(
                        std::move(executor),
                        [this, value = std::move(mark.value)] { return find_others(value); })),
      child_(
          children, std::move(process),
          [output = output_](Child::Stream stream, std::string_view line) {
              output->add(stream, line);
          },
          [this](ExitStatus status) { child_ended(status); }) {}

std::vector<Survivor> ChildLvPoll::find_others(const std::string& mark) {
    std::vector<Survivor> found;
    try {
        found = find_lvpolls(mark);
    } catch (const std::system_error& error) {
        if (!std::exchange(warned_, true))
            log_.write(LogLevel::warning, "can't tell yet what lvpoll[" +
                                              std::to_string(child_.pid()) +
                                              "] has left behind: " + error.what());
        throw;
    }
    std::vector<Survivor> others;
    for (auto& process : found) {
        for (auto& companion : process.companions)
            if (companion.pid != child_.pid())
                others.push_back(std::move(companion));
        process.companions.clear();
        if (process.pid != child_.pid())
            others.push_back(std::move(process));
    }
    return others;
}

void ChildLvPoll::terminate() noexcept {
    output_->retired = true;
    try {
        if (others_)
            others_->look();
    } catch (const std::exception& error) {
        log_.write(LogLevel::warning,
                   std::string("what lvpoll runs can't be asked to end: ") + error.what());
    }
    if (others_)
        others_->terminate();
    child_.terminate();
}

void ChildLvPoll::child_ended(ExitStatus status) {
    output_->finish();
    if (!others_ || !others_->wait([this, status] { end(status); }))
        end(status);
}

void ChildLvPoll::end(ExitStatus status) {
    status_ = status;
    ended_();
}

} // namespace lvmpolld
