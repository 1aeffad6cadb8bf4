// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/service_manager.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <chrono>

namespace lvmpolld {

/// Sends the notification, and waits while the service manager's queue is full. False if the
/// manager has not taken the message within `patience`. Runs on the thread of `executor`.
asio::awaitable<bool, asio::io_context::executor_type>
deliver(Notification notification, asio::io_context::executor_type executor,
        std::chrono::steady_clock::duration patience);

} // namespace lvmpolld
