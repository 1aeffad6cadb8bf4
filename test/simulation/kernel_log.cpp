// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_log.h"

namespace lvmpolld::simulation {

bool KernelLog::recovery_error() {
    if (now() - window_ > interval) {
        if (suppressed_ > 0)
            add("recovery_complete: " + std::to_string(suppressed_) + " callbacks suppressed");
        window_ = now();
        printed_ = suppressed_ = 0;
    }
    if (printed_ == most) {
        ++suppressed_;
        return last_printed_ >= first_;
    }
    ++printed_;
    last_printed_ = last();
    add("device-mapper: raid1: Write error during recovery (error = 0x1)");
    return true;
}

void KernelLog::chatter() {
    add("usb 1-1: new high-speed USB device");
}

void KernelLog::add(const std::string& text) {
    records_.push_back("6," + std::to_string(records_.size()) + ",1,-;" + text + "\n");
}

} // namespace lvmpolld::simulation
