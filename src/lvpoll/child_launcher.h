// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "base/statistics.h"
#include "lvpoll/lvpoll.h"
#include "lvpoll/lvpoll_mark.h"
#include "process/children.h"
#include "process/memory_lock.h"

#include <asio/any_io_executor.hpp>

#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// What all runs of lvpoll have in common.
struct LvPollSettings {
    std::string lvm;                            ///< path of the program
    const char* const* environment = ::environ; ///< the daemon's; see child_environment()
    bool verbose = false;                       ///< lvm tells what it does (-vvvv)
    rlim_t descriptor_limit = 0;                ///< the limit that the daemon was started with
    std::string state_directory{}; ///< with it, children are marked; see operation_mark
    /// The daemon stays in memory while a child runs: where that has suspended the disk of the
    /// daemon's program, or of the swap, nothing of it could be read from there.
    bool lock_memory = false;
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();
};

/// The daemon's environment as a child gets it: LC_ALL=C, and neither LVM_SYSTEM_DIR, which is the
/// client's to set, nor what the service manager meant for the daemon alone.
std::vector<std::string> child_environment(const char* const* environment);

/// The mark of an operation's children: the path of its record, if `prefix` is the state directory.
std::string mark_of(std::string_view prefix, const LvPollTask& task);

/// The command line of lvpoll, as the classical daemon puts it together.
Command lvpoll_command(const LvPollSettings& settings, const LvPollTask& task);

/// Runs lvpoll as child processes and writes their output to the log.
class ChildLauncher : public LvPollLauncher {
public:
    ChildLauncher(asio::any_io_executor executor, LvPollSettings settings, Log& log)
        : executor_(std::move(executor)), children_(executor_), settings_(std::move(settings)),
          log_(log) {}

    Launched launch(const LvPollTask& task, std::function<void()> ended) override;
    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override;

    /// Whether children that start from now on tell what they do (-vvvv).
    void be_verbose(bool verbose) noexcept { settings_.verbose = verbose; }

private:
    void warn_of_child_left(pid_t pid) const;
    /// To be held while a child runs. Null if that is not wanted.
    std::shared_ptr<MemoryLock> lock_memory();

    asio::any_io_executor executor_;
    Children children_;
    LvPollSettings settings_;
    Log& log_;
    std::weak_ptr<MemoryLock> memory_lock_; ///< the children hold it
    bool warned_ = false;                   ///< that it could not be had
    const std::string own_mark_ =
        "lvmpolld-" + std::to_string(::getpid()); ///< without a state directory
};

} // namespace lvmpolld
