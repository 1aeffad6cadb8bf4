// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"
#include "operation/poll_request.h"
#include "process/spawn.h"
#include "process/survivor.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld {

/// One run of `lvm lvpoll`. Monitor thread.
class LvPoll {
public:
    virtual ~LvPoll() = default;
    virtual pid_t pid() const noexcept = 0;

    /// How it ended; none while it runs.
    virtual std::optional<ExitStatus> status() const noexcept = 0;

    /// Asks it to end. In a local VG this is safe at any time: lvm defers the signal while it holds
    /// the VG's lock.
    virtual void terminate() noexcept = 0;

    /// The last line of these (LvPollTask::said) on its standard error; empty: none, or not known.
    virtual std::string last_error() const { return {}; }
};

/// What one run is to do.
struct LvPollTask {
    const PollRequest& request;
    std::string_view interval; ///< seconds between two checks, as lvpoll takes them
    std::string_view vgname;   ///< today's names: a volume can be renamed while it is polled
    std::string_view lvname;
    std::uint64_t record_number = 0; ///< of the operation
    /// Gets each line that lvpoll prints, but none that the daemon itself is the reason for.
    std::function<void(std::string_view)> said{};
};

/// Starts lvpoll. Monitor thread.
class LvPollLauncher {
public:
    virtual ~LvPollLauncher() = default;
    using Launched = std::variant<std::unique_ptr<LvPoll>, SpawnFailure>;

    /// `ended` is called once the process has ended, unless the LvPoll is destroyed before.
    virtual Launched launch(const LvPollTask& task, std::function<void()> ended) = 0;

    /// Takes over a run that an earlier daemon has started. Its true status can't be had.
    virtual std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) = 0;
};

} // namespace lvmpolld
