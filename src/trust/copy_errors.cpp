// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/copy_errors.h"

#include <system_error>
#include <utility>

namespace lvmpolld {

CopyErrors::Evidence CopyErrors::gather(const std::vector<dm::Leg>& legs) {
    read_messages();
    const auto now = clock_.now();
    Evidence evidence{errors_.number, losses_.number, std::nullopt};
    for (const auto& leg : legs)
        if (const auto errors = disks_.count(leg.device, now))
            evidence.disk_errors = evidence.disk_errors.value_or(0) + *errors;
    return evidence;
}

CopyErrors::Evidence CopyErrors::baseline(const std::vector<dm::Leg>& legs) {
    auto evidence = gather(legs);
    evidence.errors -= is_recent(errors_) ? 1U : 0U;
    evidence.losses -= is_recent(losses_) ? 1U : 0U;
    return evidence;
}

bool CopyErrors::is_recent(const Count& count) const {
    return count.number > 0 &&
           clock_.now() - count.last < std::chrono::seconds(dm::rate_limit_seconds);
}

void CopyErrors::add_to(Count& count) {
    ++count.number;
    count.last = clock_.now();
}

void CopyErrors::read_messages() {
    try {
        if (!messages_)
            messages_ = dm::KernelMessages::open(kernel_log_);
        while (const auto message = messages_->next()) {
            if (*message == dm::KernelMessage::recovery_error)
                add_to(errors_);
            else if (*message == dm::KernelMessage::lost)
                add_to(losses_);
        }
    } catch (const std::system_error& error) {
        messages_.reset(); // tried again the next time
        add_to(losses_);
        if (!std::exchange(warned_, true))
            log_.write(LogLevel::warning,
                       std::string("the kernel's log can't be read, so every copy is verified: ") +
                           error.what());
    }
}

} // namespace lvmpolld
