// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/lvpoll_end.h"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace lvmpolld {

namespace {

constexpr int redirect_failed = 100;
constexpr int execute_failed = 101;

} // namespace

bool is_interruption(const ExitStatus& status) {
    return status == ExitStatus(Exited{lvm_failed}) || status == ExitStatus(Killed{SIGTERM});
}

std::string recall_interval(const Interval& interval) {
    return std::to_string(std::max(interval.seconds, std::chrono::seconds(1)).count());
}

Result report_spawn_failure(Log& log, const PollRequest& request, const SpawnFailure& failure,
                            LogFields fields) {
    const bool redirect = failure.stage == SpawnFailure::Stage::redirect;
    log.write(LogLevel::error,
              describe(request) + ": " +
                  (redirect ? "no pipes for lvpoll's output: " : "lvm could not be started: ") +
                  std::strerror(failure.code),
              std::move(fields));
    return Exited{redirect ? redirect_failed : execute_failed};
}

Result report_end(Log& log, const PollRequest& request, const ExitStatus& status,
                  LogFields fields) {
    if (const auto* exited = std::get_if<Exited>(&status)) {
        if (exited->code != 0)
            log.write(LogLevel::error,
                      describe(request) + ": lvpoll failed with exit code " +
                          std::to_string(exited->code),
                      std::move(fields));
        else if (log.enabled(LogLevel::notice))
            log.write(LogLevel::notice, describe(request) + ": finished", std::move(fields));
        return *exited;
    }
    const auto& killed = std::get<Killed>(status);
    log.write(LogLevel::error,
              describe(request) + ": lvpoll was killed by signal " + std::to_string(killed.signal) +
                  " (" + ::strsignal(killed.signal) + ")",
              std::move(fields));
    return killed;
}

} // namespace lvmpolld
