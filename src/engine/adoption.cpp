// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/adoption.h"

#include "dm/name.h"
#include "lvpoll/lvpoll_end.h"
#include "operation/operation.h"
#include "operation/operation_event.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// Of a storm of events one look each: it is about every LV.
constexpr auto shortest_pause = Adoption::interval;

OperationType type_of(const dm::ActiveLv& lv) {
    return dm::is_pvmove(lv.lv) ? OperationType::pvmove : OperationType::merge;
}

void add_lvids(std::set<std::string>& lvids, Store& store) {
    for (const auto& operation : store.operations())
        if (!operation->snapshot().result)
            lvids.emplace(operation->request().identity.lvid());
}

} // namespace

// A coroutine: what it keeps between two looks, and the pause within which events do not count, are
// locals of one flow.
asio::awaitable<void> Adoption::run() {
    if (!events_.kernel().can_watch()) {
        log_.write(LogLevel::warning, "nothing can be adopted: device-mapper can't be watched");
        co_return;
    }
    for (;;) {
        std::optional<KernelWatch::Subscription> subscription;
        bool failed = false;
        try {
            // Anew each time: after a failure of the kernel only a new subscriber makes it listened
            // to.
            subscription.emplace(events_, KernelWatch::Interest{{}, [this] { wakeup_.notify(); }});
            look();
        } catch (const std::system_error& error) {
            failed = true;
            if (!std::exchange(failed_, true))
                log_.write(LogLevel::warning,
                           std::string("cannot look for copies to adopt: ") + error.what());
        }
        failed_ = failed;
        if (watching_.exchange(!unpolled_.empty()) && !watching_)
            rested_();
        const auto earliest = clock_.now() + shortest_pause;
        const bool done = unpolled_.empty() && adopted_.empty() && !failed;
        co_await wakeup_.wait(done ? Wakeup::never : clock_.now() + interval);
        while (clock_.now() < earliest)
            co_await wakeup_.wait(earliest);
    }
}

void Adoption::look() {
    std::set<std::string> polled;
    add_lvids(polled, polls_);
    add_lvids(polled, aborts_);
    auto& kernel = events_.kernel();
    ByLvid unpolled;
    ByLvid adopted;
    for (const auto& lv : kernel.active_lvs()) {
        const auto before = adopted_.find(lv.lvid);
        if (polled.contains(lv.lvid)) {
            if (before != adopted_.end())
                adopted.insert(*before);
            continue;
        }
        const auto view = kernel.look(lv.lvid, type_of(lv));
        const auto* copy = std::get_if<dm::Copy>(&view);
        if (copy == nullptr)
            continue;
        Found found{copy->segment_start, copy->complete || copy->failed, clock_.now(), patience};
        if (before != adopted_.end() && found.is_same(before->second)) {
            found.patience = std::min(2 * before->second.patience, longest_patience);
            adopted.insert(*before);
        }
        const auto known = unpolled_.find(lv.lvid);
        if (known != unpolled_.end() && found.is_same(known->second))
            found = known->second;
        if (!found.over || clock_.now() - found.since < found.patience) {
            unpolled.emplace(lv.lvid, found);
        } else {
            adopted.insert_or_assign(lv.lvid, found);
            adopt(lv);
        }
    }
    unpolled_ = std::move(unpolled);
    adopted_ = std::move(adopted);
}

void Adoption::adopt(const dm::ActiveLv& lv) {
    PollRequest request;
    request.type = type_of(lv);
    request.identity = Identity(lv.lvid);
    request.vgname = lv.vg;
    request.lvname = lv.lv;
    request.interval = *Interval::parse(std::to_string(interval.count()));
    log_.write(LogLevel::warning, describe(request) + ": nobody polls it; adopted",
               fields_of(request));
    adopt_(std::move(request));
}

} // namespace lvmpolld
