// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/supervision.h"

#include "daemon/deliver.h"
#include "operation/operation.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

namespace lvmpolld {

namespace {

/// The service manager gives the start up much earlier (TimeoutStartSec=).
constexpr std::chrono::hours patience{24};

/// The first one in progress, with how far it is. A result that is not recorded yet is none.
std::string first_of(const Store::Operations& operations) {
    for (const auto& operation : operations) {
        const auto state = operation->snapshot();
        if (state.result)
            continue;
        auto text = ", " + operation->request().vgname + "/" + operation->request().lvname;
        if (state.progress && state.progress->total > 0)
            text +=
                " " + std::to_string(state.progress->copied * 100 / state.progress->total) + " %";
        return text;
    }
    return "";
}

} // namespace

std::string service_status(Store& polls, Store& aborts) {
    const auto count = polls.in_progress() + aborts.in_progress();
    if (count == 0)
        return "no operations";
    auto first = first_of(polls.operations());
    if (first.empty())
        first = first_of(aborts.operations());
    return (count == 1 ? "1 operation" : std::to_string(count) + " operations") + first;
}

Supervision::Supervision(asio::io_context& loop, AskMonitor ask, Store& polls, Store& aborts,
                         std::chrono::microseconds watchdog, std::chrono::microseconds status_pause)
    : loop_(loop), ask_(std::move(ask)), polls_(polls), aborts_(aborts), watchdog_(watchdog),
      period_(watchdog.count() > 0 ? std::min(watchdog / 3, status_pause) : status_pause),
      timer_(loop) {}

void Supervision::ready() {
    busy_ = is_busy();
    send("READY=1\nSTATUS=" + service_status(polls_, aborts_) +
         watchdog(busy_ ? watchdog_ : std::chrono::microseconds{}));
    if (busy_ && has_service_manager())
        tick();
}

void Supervision::reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
    Notification("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).send();
}

void Supervision::update() {
    if (!has_service_manager())
        return;
    const bool busy = is_busy();
    if (busy == std::exchange(busy_, busy))
        return;
    if (busy)
        return show(), tick();
    timer_.cancel();
    send("STATUS=" + service_status(polls_, aborts_) + watchdog({}));
}

void Supervision::stopping(std::chrono::microseconds longest) {
    timer_.cancel();
    busy_ = false;
    // Without it the service manager only shows another state.
    Notification("STOPPING=1\nSTATUS=stopping, " + service_status(polls_, aborts_) + watchdog({}) +
                 "\nEXTEND_TIMEOUT_USEC=" + std::to_string(longest.count()))
        .send();
}

bool Supervision::is_busy() {
    return polls_.in_progress() + aborts_.in_progress() > 0;
}

/// Delivered however full the manager's queue is.
void Supervision::send(std::string state) {
    asio::co_spawn(loop_, deliver(Notification(std::move(state)), loop_.get_executor(), patience),
                   asio::detached); // without memory the service manager ends the daemon
}

void Supervision::tick() {
    if (!std::exchange(asking_, true)) {
        try {
            ask_([this] {
                asking_ = false;
                if (busy_)
                    show();
            });
        } catch (const std::exception&) { // no memory, no thread: the watchdog notices what lasts
            asking_ = false;
        }
    }
    timer_.expires_after(period_);
    timer_.async_wait([this](const asio::error_code& cancelled) {
        if (!cancelled && busy_)
            tick();
    });
}

/// A message that is lost is made up for by the next one.
void Supervision::show() {
    Notification("WATCHDOG=1\nSTATUS=" + service_status(polls_, aborts_) + watchdog(watchdog_))
        .send();
}

/// Sets the manager's watchdog to this time; 0: off.
std::string Supervision::watchdog(std::chrono::microseconds time) const {
    return watchdog_.count() == 0 ? "" : "\nWATCHDOG_USEC=" + std::to_string(time.count());
}

} // namespace lvmpolld
