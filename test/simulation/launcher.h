// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lvm.h"
#include "lvpoll/lvpoll.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lvmpolld::simulation {

/// Starts lvpolls of the simulated lvm for one daemon.
class Launcher final : public LvPollLauncher {
public:
    /// `prepare` is handed each process before it starts: it completes it, or refuses.
    Launcher(Lvm& lvm, std::string state_directory,
             std::function<std::optional<SpawnFailure>(Process&)> prepare)
        : lvm_(lvm), state_directory_(std::move(state_directory)), prepare_(std::move(prepare)) {}

    Launched launch(const LvPollTask& task, std::function<void()> ended) override;
    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override;

private:
    Lvm& lvm_;
    const std::string state_directory_;
    const std::function<std::optional<SpawnFailure>(Process&)> prepare_;
};

} // namespace lvmpolld::simulation
