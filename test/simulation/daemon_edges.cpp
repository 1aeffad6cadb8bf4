// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the daemon asks of the simulated world, by the interfaces that are handed to it.
#include "base/error.h"
#include "daemon.h"
#include "memory.h"
#include "operation/operation.h"
#include "trust/tracked_copy.h"
#include "world.h"

#include <cerrno>
#include <new>
#include <utility>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

void Daemon::LoopClock::arm(asio::steady_timer& timer, TimePoint deadline) {
    const memory::OfWorld world;
    timer.expires_at(deadline);
    if (deadline != TimePoint::max())
        daemon_.world_.events().at(deadline, [] {}); // the loops run after each event
}

bool Daemon::DaemonLog::enabled(LogLevel level) const noexcept {
    return level <= LogLevel::error ||
           (level != LogLevel::wire &&
            (daemon_.world_.trace().is_wanted() || daemon_.world_.scenario().talks));
}

void Daemon::DaemonLog::write(LogLevel level, std::string message) noexcept {
    const memory::OfWorld world;
    if (daemon_.dead_)
        return;
    daemon_.world_.trace().say("lvmpolld: " + message);
    if (level == LogLevel::error)
        daemon_.world_.heard(level, message, daemon_);
}

void Daemon::observe() {
    for (auto* const store : {&polls_, &aborts_})
        for (const auto& operation : store->operations()) {
            const auto state = operation->snapshot();
            const auto history = operation->history();
            const auto copy = watching_.trust.find(operation->request().identity.lvid());
            const auto compared = copy ? copy->comparison_progress() : std::nullopt;
            world_.invariants().observed(*operation, state, history.finished_at);
            if (compared && compared->copied > compared->total)
                world_.trace().violate("impossible-progress", "more is compared than there is");
        }
    seen_results_ = recent_.added_after(seen_results_).count;
    lvmpolld::Claims claims(0);
    try {
        answer("request = \"dump\"\n\n##\n", claims);
    } catch (const std::bad_alloc&) { // the client is dropped
    }
}

std::optional<SpawnFailure> Daemon::prepare(Process& process) {
    process.daemon = number_;
    if (!may_act("start lvpoll of " + process.vg + "/" + process.lv))
        return SpawnFailure{SpawnFailure::Stage::execute, ENOMEM};
    return world_.prepare(process, *this);
}

std::jthread Daemon::compare_beside(std::function<void()> work, const std::stop_token& stop) {
    const memory::OfWorld world;
    if (world_.lacks_stacks())
        throw std::bad_alloc();
    if (world_.lacks_threads())
        throw_errno("no thread", EAGAIN);
    const auto end = [work = std::move(work), done = std::make_shared<bool>(false)] {
        if (!std::exchange(*done, true))
            work();
    };
    auto on_stop = std::make_shared<std::stop_callback<std::function<void()>>>(
        stop, [this, end] { later(world_.cancel_time(), end); });
    later(world_.comparison_time(), [end, on_stop] { end(); });
    return {};
}

verify::Outcome Daemon::compare(const dm::Copy& copy, const std::stop_token& stop) {
    const memory::OfWorld world;
    if (stop.stop_requested())
        return verify::Cancelled{};
    return world_.compare(copy);
}

} // namespace lvmpolld::simulation
