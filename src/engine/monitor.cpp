// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor.h"

#include "base/limits.h"
#include "base/refusal.h"
#include "operation/operation_event.h"

#include <algorithm>
#include <system_error>

namespace lvmpolld {

Monitor::Monitor(Context context, std::function<void()> operation_ended)
    : context_(std::move(context)), operation_ended_(std::move(operation_ended)) {}

Monitor::~Monitor() = default;

std::shared_ptr<Poller> Monitor::make(std::shared_ptr<Operation> operation) {
    PollerListener& listener = *this;
    return std::make_shared<Poller>(context_, listener, std::move(operation));
}

void Monitor::start(std::shared_ptr<Operation> operation) {
    if (stopping_)
        return;
    if (context_.watching == nullptr && !std::exchange(introduced_, true))
        context_.log.write(LogLevel::info,
                           "--engine=resident: lvm commits each mirror as soon as the kernel"
                           " calls it copied, a bad one, too");
    strike_off_suspects();
    const auto poller = make(std::move(operation));
    enter(poller);
    poller->begin();
}

void Monitor::strike_off_suspects() {
    auto* watching = context_.watching;
    if (watching == nullptr || watching->trust.suspects.all().empty() ||
        !watching->events.kernel().can_watch())
        return;
    try {
        watching->trust.strike_off_the_gone(watching->events.kernel(), [this](auto lvid) {
            return !of(polls_, lvid).empty() || !of(aborts_, lvid).empty();
        });
    } catch (const std::system_error&) { // the next operation's start will do
    }
}

void Monitor::take_up(std::vector<Unfinished> operations, const AtHand& at_hand) {
    if (stopping_)
        return;
    try {
        std::vector<std::shared_ptr<Poller>> pollers;
        for (auto& unfinished : operations) {
            at_hand(unfinished.operation.get());
            const auto& poller = pollers.emplace_back(make(std::move(unfinished.operation)));
            poller->take_up(std::move(unfinished.survivor));
            enter(poller);
        }
        for (const auto& poller : pollers) {
            at_hand(poller->operation().get());
            poller->begin();
        }
    } catch (const std::exception& error) {
        if (is_refusal(error))
            at_hand(nullptr); // no operation is to blame
        throw;
    }
    at_hand(nullptr);
}

std::vector<std::shared_ptr<Poller>> Monitor::of(const Pollers& pollers, std::string_view lvid) {
    std::vector<std::shared_ptr<Poller>> result;
    std::ranges::copy_if(pollers, std::back_inserter(result), [lvid](const auto& poller) {
        return poller->request().identity.lvid() == lvid;
    });
    return result;
}

bool Monitor::all_quiet(std::string_view lvid) const {
    return std::ranges::all_of(of(polls_, lvid),
                               [](const auto& poller) { return poller->is_quiet(); });
}

void Monitor::enter(const std::shared_ptr<Poller>& poller) {
    const auto lvid = poller->request().identity.lvid();
    if (!poller->request().abort) {
        polls_.insert(poller);
        for (std::size_t abort = 0; abort < of(aborts_, lvid).size(); ++abort)
            poller->fence();
    } else {
        aborts_.insert(poller);
        for (const auto& fenced : of(polls_, lvid))
            fenced->fence();
    }
    for (const auto& abort : of(aborts_, lvid))
        if (abort->is_quiet() && !all_quiet(lvid))
            abort->hold(context_.clock.now() + limits::child_termination);
}

void Monitor::quiet(Poller& poller) {
    const auto lvid = poller.request().identity.lvid();
    if (poller.request().abort || aborts_.empty() || !all_quiet(lvid))
        return;
    for (const auto& abort : of(aborts_, lvid))
        abort->lift();
}

void Monitor::aborts(Poller& poller) {
    for (const auto& fenced : of(polls_, poller.request().identity.lvid())) {
        if (fenced->is_quiet())
            continue;
        context_.log.write(LogLevel::warning,
                           describe(fenced->request()) + ": " + fenced->occupation() +
                               " does not end; aborting all the same",
                           fields_of(fenced->request()));
        fenced->give_up_comparison();
    }
}

void Monitor::ended(Poller& poller) {
    const auto lvid = std::string(poller.request().identity.lvid());
    const bool abort = poller.request().abort;
    auto& pollers = abort ? aborts_ : polls_;
    pollers.erase(pollers.find(poller.identity()));
    if (abort)
        for (const auto& fenced : of(polls_, lvid))
            fenced->release();
    else if (!aborts_.empty() && all_quiet(lvid))
        for (const auto& waiting : of(aborts_, lvid))
            waiting->lift();
    operation_ended_();
    if (stopped_ && polls_.empty() && aborts_.empty())
        end_stop();
}

void Monitor::stop(std::function<void()> stopped) {
    stopping_ = true;
    for (const auto* pollers : {&polls_, &aborts_})
        for (const auto& poller : *pollers)
            poller->stop();
    stopped_ = std::move(stopped);
    if (polls_.empty() && aborts_.empty())
        return end_stop();
    stop_end_.emplace(context_.executor);
    context_.clock.arm(*stop_end_, context_.clock.now() + limits::child_termination);
    stop_end_->async_wait([this](const asio::error_code&) {
        if (stopped_)
            end_stop();
    });
}

void Monitor::end_stop() {
    name_the_remaining(polls_);
    name_the_remaining(aborts_);
    std::exchange(stopped_, nullptr)();
}

void Monitor::name_the_remaining(const Pollers& pollers) {
    for (const auto& poller : pollers)
        if (!poller->is_quiet())
            context_.log.write(LogLevel::warning,
                               describe(poller->request()) + ": " + poller->occupation() +
                                   " did not end when asked to and is left running",
                               fields_of(poller->request()));
}

} // namespace lvmpolld
