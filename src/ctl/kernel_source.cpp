// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Events tell when a mirror's segment is in sync and when a table changes. How far something is,
// and the end of a merge or a cache flush, has no event: while anything is under way, it is looked
// at once in `sample_interval`.
#include "ctl/kernel_source.h"

#include "ctl/connection.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace lvmpolld::ctl {

namespace {

constexpr std::chrono::milliseconds sample_interval{500};
/// Between two looks: a storm of events is not worth more.
constexpr std::chrono::milliseconds shortest_pause{100};
/// While nothing is under way.
constexpr std::chrono::seconds idle_interval{5};

bool is_not_loaded(const std::system_error& error) {
    const int code = error.code().value();
    return code == ENOENT || code == ENODEV || code == ENXIO;
}

} // namespace

KernelSource::KernelSource(std::string socket) : socket_(std::move(socket)) {
    try {
        activities_.emplace();
        events_ = dm::Control::open();
        if (!events_->can_watch())
            events_.reset();
    } catch (const std::system_error& error) {
        if (!is_not_loaded(error))
            throw;
    }
}

std::vector<DumpReader::Operation> KernelSource::ask_daemon() {
    if (socket_.empty())
        return {};
    const auto dump = dump_of(socket_);
    if (!dump)
        throw SourceLost("lvmpolld does not listen on " + socket_);
    auto operations = dumps_.read(*dump);
    if (!operations)
        throw SourceLost("lvmpolld on " + socket_ + " answers with what is no dump");
    return *std::move(operations);
}

std::vector<overview::Entry> KernelSource::list() {
    const auto operations = ask_daemon();
    const auto now = overview::Moment::now();
    overview::Tracker::Polls polls;
    for (const auto& operation : operations)
        polls.push_back({operation.request,
                         operation.number,
                         operation.state,
                         {.accepted_at = {}, .finished_at = now.steady, .held_claims = 0}});
    auto entries = tracker_.take(
        polls, activities_ ? activities_->scan() : decltype(activities_->scan()){}, now);
    for (auto& entry : entries)
        entry.waiting_clients.reset(); // the dump does not tell
    return entries;
}

std::vector<overview::Entry> KernelSource::next(Events& events, Events::Time until) {
    if (!std::exchange(told_, true)) {
        if (events_)
            events_->arm();
        last_ = list();
        return last_;
    }
    for (;;) {
        const bool busy = std::ranges::any_of(
            last_, [](const overview::Entry& entry) { return !entry.is_over(); });
        const auto now = std::chrono::steady_clock::now();
        const auto pause = busy ? std::chrono::nanoseconds(sample_interval) : idle_interval;
        auto woken = events.wait(-1, std::min(now + shortest_pause, until));
        if (woken == Events::Woken::timeout)
            woken = events.wait(events_ ? events_->fd() : -1, std::min(now + pause, until));
        if (woken == Events::Woken::interrupted || woken == Events::Woken::resized)
            return {};
        if (events_)
            events_->arm();
        auto entries = list();
        std::vector<overview::Entry> changed;
        for (const auto& entry : entries)
            if (std::ranges::find(last_, entry) == last_.end())
                changed.push_back(entry);
        last_ = std::move(entries);
        if (!changed.empty() || std::chrono::steady_clock::now() >= until)
            return changed;
    }
}

std::string KernelSource::remark() const {
    const std::string loaded =
        activities_ ? "" : "Device-mapper is not loaded, so nothing is copied.";
    if (socket_.empty())
        return loaded.empty()
                   ? "No lvmpolld runs: this is what device-mapper shows, without who polls it."
                   : loaded;
    return "This lvmpolld does not speak Varlink: device-mapper shows the progress, and the "
           "daemon's dump what it polls, without since when.";
}

} // namespace lvmpolld::ctl
