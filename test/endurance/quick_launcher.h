// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lvpoll/lvpoll.h"
#include "volumes.h"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace lvmpolld::endurance {

/// What the lvpoll of this LV ends with: each tenth one fails.
constexpr int exit_code_of(std::size_t lv) {
    return lv % 10 == 3 ? 3 : 0;
}

/// Runs of lvpoll that commit at once, or fail. They end when the loop has done what it has before.
class QuickLauncher final : public LvPollLauncher {
public:
    QuickLauncher(asio::any_io_executor executor, Volumes& volumes)
        : executor_(std::move(executor)), volumes_(volumes) {}

    Launched launch(const LvPollTask& task, std::function<void()> ended) override;
    std::unique_ptr<LvPoll> rejoin(Survivor survivor, std::function<void()> ended) override;

private:
    class Run;

    asio::any_io_executor executor_;
    Volumes& volumes_;
};

} // namespace lvmpolld::endurance
