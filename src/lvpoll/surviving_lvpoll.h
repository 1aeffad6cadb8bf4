// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lvpoll/lvpoll.h"
#include "process/left_processes.h"
#include "process/survivor.h"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <optional>

namespace lvmpolld {

/// A run of lvpoll that an earlier daemon has started, with all of its processes. Its exit status
/// is that daemon's, or nobody's: the one given is that of an lvpoll that was interrupted. Monitor
/// thread.
class SurvivingLvPoll : public LvPoll {
public:
    SurvivingLvPoll(asio::any_io_executor executor, Survivor survivor, std::function<void()> ended);

    pid_t pid() const noexcept override { return processes_.pid() >= 0 ? processes_.pid() : pid_; }

    std::optional<ExitStatus> status() const noexcept override;

    void terminate() noexcept override { processes_.terminate(); }

private:
    const pid_t pid_;
    bool has_ended_ = false;
    LeftProcesses processes_;
};

} // namespace lvmpolld
