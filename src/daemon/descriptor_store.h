// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/service_manager.h"
#include "operation/store.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace lvmpolld {

/// The service manager's store of descriptors (sd_notify(3), FDSTORE=1), where clients' connections
/// outlive the daemon: the manager hands them to the next process as LISTEN_FDS. Each is named
/// after its session. The manager drops one by itself when the connection is shut down; closing our
/// descriptor isn't enough for that, since the manager holds another. Any thread.
class DescriptorStore {
public:
    /// False without a service manager: then nothing is kept.
    bool exists() const noexcept { return exists_; }

    /// Hands the connection over without waiting. False if the manager is too busy to take it, or
    /// if there is none.
    bool add_now(int connection, SessionNumber session) const;

    using Executor = asio::io_context::executor_type;

    /// Hands the connection over. False if the manager is too busy to take it for `add_patience`.
    asio::awaitable<bool, Executor> add(Executor executor, int connection,
                                        SessionNumber session) const;

    /// Takes the connection back. False if the manager does not read that within
    /// limits::client_stall.
    asio::awaitable<bool, Executor> remove(Executor executor, SessionNumber session) const;

    static constexpr std::chrono::seconds add_patience{1};

    /// The session whose connection is handed back under this name, if it is one.
    static std::optional<SessionNumber> session_of(std::string_view name);

private:
    const bool exists_ = has_service_manager();
};

} // namespace lvmpolld
