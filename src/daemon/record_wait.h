// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/record.h"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <list>
#include <utility>

namespace lvmpolld {

/// Lets coroutines of one event loop wait until records are written. The writer's thread tells of
/// each that is written; only if somebody waits that crosses to the loop.
class RecordWait {
public:
    using Executor = asio::io_context::executor_type;

    /// `records`: null if nothing is written; then nobody waits.
    RecordWait(Executor executor, const Records* records)
        : executor_(std::move(executor)), records_(records) {}

    /// Until all that was given up to this ticket is written. On the loop's thread.
    asio::awaitable<void, Executor> until(Records::Ticket ticket);

    /// More is written. Any thread.
    void notify();

private:
    struct Waiter;

    Executor executor_;
    const Records* const records_;
    std::list<Waiter*> waiters_; ///< the loop's
    std::atomic<std::size_t> waiting_ = 0;
};

} // namespace lvmpolld
