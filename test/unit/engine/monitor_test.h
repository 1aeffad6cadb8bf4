// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/polling_test.h"

#include <stdexcept>

namespace lvmpolld {

/// The monitor without a kernel to watch: every operation is resident.
class MonitorTest : public PollingTest {
protected:
    MonitorTest() = default;

    /// The coroutines refer to what is below the loop and go before it, as in the daemon.
    ~MonitorTest() override { context.shutdown(); }

    Monitor& monitor() override { return monitor_; }

    bool end_throws = false;
    Monitor monitor_{{context.get_executor(), clock, launcher, log}, [this] {
                         ++ended;
                         if (end_throws)
                             throw std::runtime_error("nobody expects this");
                     }};
};

} // namespace lvmpolld
