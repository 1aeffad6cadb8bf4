// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/connection.h"
#include "ctl/source.h"

#include <string>

namespace lvmpolld::ctl {

/// The daemon, over Varlink.
class DaemonSource final : public Source {
public:
    /// `connection`: to the socket at `path`.
    DaemonSource(Connection connection, std::string path)
        : connection_(std::move(connection)), path_(std::move(path)) {}

    /// With limits and terminator of Varlink.
    static std::optional<Connection> connect(const std::string& path);

    std::vector<overview::Entry> list() override;
    std::vector<overview::Entry> next(Events& events, Events::Time until) override;

    Teller teller() const override { return Teller::daemon; }

    std::string remark() const override { return {}; }

private:
    Connection connection_;
    const std::string path_;
    bool subscribed_ = false;
    bool complete_ = false;                ///< all has come that was there when it subscribed
    std::vector<overview::Entry> present_; ///< of that
};

} // namespace lvmpolld::ctl
