// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/copy_errors.h"

#include <system_error>
#include <utility>

namespace lvmpolld {

CopyErrors::Evidence CopyErrors::gather(const std::vector<dm::Leg>& legs) {
    read_messages();
    Evidence evidence{count_, std::nullopt};
    for (const auto& leg : legs)
        if (const auto errors = disks_.count(leg.device))
            evidence.disk_errors = evidence.disk_errors.value_or(0) + *errors;
    return evidence;
}

CopyErrors::Evidence CopyErrors::baseline(const std::vector<dm::Leg>& legs) {
    auto evidence = gather(legs);
    if (last_ && clock_.now() - *last_ < std::chrono::seconds(dm::rate_limit_seconds))
        --evidence.messages;
    return evidence;
}

void CopyErrors::read_messages() {
    try {
        if (!messages_)
            messages_ = dm::KernelMessages::open(kernel_log_);
        while (const auto message = messages_->next()) {
            if (*message == dm::KernelMessage::other)
                continue;
            ++count_;
            last_ = clock_.now();
        }
    } catch (const std::system_error& error) {
        messages_.reset(); // tried again the next time
        ++count_;
        last_ = clock_.now();
        if (!std::exchange(warned_, true))
            log_.write(LogLevel::warning,
                       std::string("the kernel's log can't be read, so every copy is verified: ") +
                           error.what());
    }
}

} // namespace lvmpolld
