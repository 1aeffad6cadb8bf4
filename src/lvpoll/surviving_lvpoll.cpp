// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/surviving_lvpoll.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lvmpolld {

SurvivingLvPoll::SurvivingLvPoll(const asio::any_io_executor& executor, Survivor survivor,
                                 std::function<void()> ended)
    : pid_(survivor.pid),
      pidfd_(owner_of<asio::posix::stream_descriptor>(std::move(survivor.pidfd), executor)) {
    pidfd_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [has_ended = ended_, ended = std::move(ended)](const asio::error_code& error) {
                          if (error)
                              return;
                          *has_ended = true;
                          ended();
                      });
}

SurvivingLvPoll::~SurvivingLvPoll() = default;

std::optional<ExitStatus> SurvivingLvPoll::status() const noexcept {
    return *ended_ ? std::optional<ExitStatus>(Killed{SIGTERM}) : std::nullopt;
}

void SurvivingLvPoll::terminate() noexcept {
    ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), SIGTERM, nullptr, 0);
}

} // namespace lvmpolld
