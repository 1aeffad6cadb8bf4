// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/dump_reader.h"
#include "ctl/source.h"
#include "dm/activities.h"
#include "dm/control.h"
#include "overview/tracker.h"

#include <optional>
#include <string>

namespace lvmpolld::ctl {

/// Device-mapper itself, and beside it the dump of a daemon that does not speak Varlink.
class KernelSource final : public Source {
public:
    /// `socket`: of the daemon that runs; empty: none does. Throws std::system_error if
    /// device-mapper may not be asked.
    explicit KernelSource(std::string socket);

    std::vector<overview::Entry> list() override;
    std::vector<overview::Entry> next(Events& events, Events::Time until) override;

    Teller teller() const override { return socket_.empty() ? Teller::kernel : Teller::dump; }

    std::string remark() const override;

private:
    std::vector<DumpReader::Operation> ask_daemon();

    const std::string socket_;
    std::optional<dm::Activities> activities_; ///< none: device-mapper is not loaded
    std::optional<dm::Control> events_;        ///< likewise, or the kernel raises no events
    DumpReader dumps_;
    overview::Tracker tracker_;
    std::vector<overview::Entry> last_; ///< as they were told; empty before the first time
    bool told_ = false;
};

} // namespace lvmpolld::ctl
