// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "base/statistics.h"
#include "lvpoll/line_limit.h"
#include "lvpoll/lvpoll.h"
#include "lvpoll/lvpoll_mark.h"
#include "process/child.h"
#include "process/left_processes.h"
#include "process/memory_lock.h"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

/// A run of lvpoll as a child of this process, whose output goes to the log. The program may be a
/// wrapper, a script for example, that runs lvm as a child of its own. Signals go to both, and the
/// run has ended only when no lvpoll of it is left; its status is the wrapper's. Monitor thread.
class ChildLvPoll : public LvPoll {
public:
    /// The task's request outlives this. `memory_lock` is held meanwhile; null: none is. Throws
    /// std::system_error or std::bad_alloc if the child can't be waited for.
    ChildLvPoll(asio::any_io_executor executor, Children& children, SpawnedProcess process,
                const LvPollTask& task, LvPollMark mark, std::shared_ptr<MemoryLock> memory_lock,
                Log& log, std::shared_ptr<Statistics> statistics, std::function<void()> ended);

    ~ChildLvPoll() override { output_->request = nullptr; }

    ChildLvPoll(const ChildLvPoll&) = delete;
    ChildLvPoll& operator=(const ChildLvPoll&) = delete;

    pid_t pid() const noexcept override {
        return others_ && others_->pid() >= 0 ? others_->pid() : child_.pid();
    }

    std::optional<ExitStatus> status() const noexcept override { return status_; }

    void terminate() noexcept override;

    std::string last_error() const override { return output_->last_error; }

private:
    /// Where its output goes. Outlives this object while a grandchild writes on.
    struct Output {
        Log& log;
        const pid_t pid;
        /// Null once the ChildLvPoll is gone, and the operation perhaps with it. No copy: many may
        /// run at a time.
        const PollRequest* request;
        const std::function<void(std::string_view)> said;
        const std::shared_ptr<Statistics> statistics;
        bool retired = false;
        std::string last_error{};
        LineLimit<std::pair<LogLevel, std::string>> limit{};

        void add(Child::Stream stream, std::string_view line);

        /// The child has ended: what was left out of its last words.
        void finish();

        void show(LogLevel level, std::string_view line) const;
        void report_left_out(std::uint64_t count) const;
    };

    /// Those of the run with this mark, but the child itself.
    std::vector<Survivor> find_others(const std::string& mark);
    void child_ended(ExitStatus status);
    void end(ExitStatus status);

    const std::shared_ptr<MemoryLock> memory_lock_;
    Log& log_;
    std::function<void()> ended_;
    std::optional<ExitStatus> status_;
    std::shared_ptr<Output> output_;
    std::unique_ptr<LeftProcesses> others_; ///< beneath a script; null: the child is lvm itself
    bool warned_ = false;                   ///< that they could not be found
    Child child_;
};

} // namespace lvmpolld
