// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/child_lvpoll.h"

#include <exception>
#include <string>
#include <utility>

namespace lvmpolld {

namespace {

void write_line(Log& log, pid_t pid, Child::Stream stream, std::string_view line) {
    const bool output = stream == Child::Stream::output;
    const auto level = output ? LogLevel::info : LogLevel::warning;
    if (!log.enabled(level))
        return;
    std::string message = "lvpoll[" + std::to_string(pid) + (output ? "]: " : "] stderr: ");
    log.write(level, message.append(line));
}

} // namespace

ChildLvPoll::ChildLvPoll(asio::any_io_executor executor, Children& children, SpawnedProcess process,
                         LvPollMark mark, Log& log, std::function<void()> ended)
    : mark_(std::move(mark)), log_(log), ended_(std::move(ended)),
      others_(std::move(executor), [this] { return find_others(); }),
      child_(
          children, std::move(process),
          [&log, pid = process.pid](Child::Stream stream, std::string_view line) {
              write_line(log, pid, stream, line);
          },
          [this](ExitStatus status) { child_ended(status); }) {}

std::vector<Survivor> ChildLvPoll::find_others() const {
    auto found = find_lvpolls(mark_.value);
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
    try {
        if (mark_.is_script)
            others_.look();
    } catch (const std::exception& error) {
        log_.write(LogLevel::warning, std::string("what lvpoll runs can't be asked to end: ") + error.what());
    }
    others_.terminate();
    child_.terminate();
}

void ChildLvPoll::child_ended(ExitStatus status) {
    // Looking for others costs time in proportion to all processes.
    if (!mark_.is_script)
        return end(status);
    try {
        if (others_.wait([this, status] { end(status); }))
            return;
    } catch (const std::exception& error) {
        log_.write(LogLevel::warning, std::string("can't tell what lvpoll has left behind: ") + error.what());
    }
    end(status);
}

void ChildLvPoll::end(ExitStatus status) {
    status_ = status;
    ended_();
}

} // namespace lvmpolld
