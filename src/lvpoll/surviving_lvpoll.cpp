// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/surviving_lvpoll.h"

#include "lvpoll/lvpoll_mark.h"

#include <signal.h>

#include <utility>

namespace lvmpolld {

SurvivingLvPoll::SurvivingLvPoll(asio::any_io_executor executor, Survivor survivor,
                                 std::function<void()> ended)
    : pid_(survivor.pid),
      processes_(std::move(executor), [mark = survivor.mark] { return find_lvpolls(mark); }) {
    processes_.wait(std::move(survivor), [this, ended = std::move(ended)] {
        has_ended_ = true;
        ended();
    });
}

std::optional<ExitStatus> SurvivingLvPoll::status() const noexcept {
    return has_ended_ ? std::optional<ExitStatus>(Killed{SIGTERM}) : std::nullopt;
}

} // namespace lvmpolld
