// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lvpoll/lvpoll.h"
#include "process/survivor.h"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <memory>

namespace lvmpolld {

/// A run of lvpoll that an earlier daemon has started. Its exit status is that daemon's, or nobody's: the one
/// given is that of an lvpoll that was interrupted. Monitor thread.
class SurvivingLvPoll : public LvPoll {
public:
    SurvivingLvPoll(const asio::any_io_executor& executor, Survivor survivor, std::function<void()> ended);
    ~SurvivingLvPoll() override;
    SurvivingLvPoll(const SurvivingLvPoll&) = delete;
    SurvivingLvPoll& operator=(const SurvivingLvPoll&) = delete;

    pid_t pid() const noexcept override { return pid_; }

    std::optional<ExitStatus> status() const noexcept override;
    void terminate() noexcept override;

private:
    const pid_t pid_;
    asio::posix::stream_descriptor pidfd_;
    std::shared_ptr<bool> ended_ = std::make_shared<bool>(false);
};

} // namespace lvmpolld
