// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "daemon/observers.h"
#include "daemon/varlink_session.h"

#include <asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <set>

namespace lvmpolld {

/// Serves those who watch, over Varlink. Main thread.
class VarlinkServer {
public:
    /// `left` is called after the end of the last session, while the server is there.
    VarlinkServer(asio::io_context& loop, Clock& clock, Observers::Monitoring monitoring,
                  std::shared_ptr<const Statistics> statistics, std::function<void()> left);
    ~VarlinkServer();
    VarlinkServer(const VarlinkServer&) = delete;
    VarlinkServer& operator=(const VarlinkServer&) = delete;

    /// Serves a client. Throws if that is impossible.
    void open(FileDescriptor client);

    std::size_t clients() const noexcept { return sessions_.size(); }

    /// Something may have changed.
    void nudge() { observers_.nudge(); }

private:
    using Sessions = std::set<std::shared_ptr<VarlinkSession>>;

    void tell(void (VarlinkSession::*what)());
    void report_left() noexcept;

    asio::io_context& loop_;
    const std::shared_ptr<const Statistics> statistics_;
    const std::function<void()> left_;
    Observers observers_;
    const VarlinkSession::Context context_;
    Sessions sessions_;
};

} // namespace lvmpolld
