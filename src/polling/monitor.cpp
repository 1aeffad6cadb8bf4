// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/monitor.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "polling/lvpoll_end.h"

#include <asio/co_spawn.hpp>

#include <exception>

namespace lvmpolld {

Monitor::Monitor(Workshop workshop, std::function<void()> operation_ended)
    : workshop_(std::move(workshop)), operation_ended_(std::move(operation_ended)),
      ended_(workshop_.executor, workshop_.clock) {}

Monitor::~Monitor() = default;

void Monitor::start(std::shared_ptr<Operation> operation) {
    if (stopping_)
        return;
    auto poller = std::make_shared<Poller>(workshop_, std::move(operation));
    enter(poller);
    bring_to_life(std::move(poller));
}

void Monitor::take_up(std::vector<Unfinished> operations) {
    if (stopping_)
        return;
    std::vector<std::shared_ptr<Poller>> pollers;
    for (auto& unfinished : operations) {
        auto& poller =
            pollers.emplace_back(std::make_shared<Poller>(workshop_, std::move(unfinished.operation)));
        poller->take_up(std::move(unfinished.survivor));
        enter(poller);
    }
    // Not one by one: a life runs at once up to its first wait, which may have started an lvpoll by then.
    for (auto& poller : pollers)
        bring_to_life(std::move(poller));
}

void Monitor::enter(const std::shared_ptr<Poller>& poller) {
    const auto& operation = *poller->operation();
    const auto& identity = operation.identity();
    pollers_of(operation).insert_or_assign(identity, poller);
    if (operation.request().abort) {
        if (const auto polled = polls_.find(identity); polled != polls_.end())
            polled->second->fence();
    } else if (aborts_.contains(identity)) {
        poller->fence();
    }
}

void Monitor::bring_to_life(std::shared_ptr<Poller> poller) {
    auto& pollers = pollers_of(*poller->operation());
    asio::co_spawn(workshop_.executor, live(std::move(poller), pollers), must_not_fail);
}

asio::awaitable<void> Monitor::live(std::shared_ptr<Poller> poller, Pollers& pollers) {
    const auto operation = poller->operation();
    const auto& identity = operation->identity();
    std::optional<std::string> failure;
    try {
        if (operation->request().abort)
            co_await wait_for_fenced_poll(identity);
        co_await poll_to_the_end(*poller);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (failure) {
        workshop_.log.write(LogLevel::error, describe(operation->request()) + " failed: " + *failure);
        co_await poller->put_down();
        operation->store().fail(*operation);
    }
    pollers.erase(identity);
    if (operation->request().abort)
        if (const auto fenced = polls_.find(identity); fenced != polls_.end())
            fenced->second->release();
    ended_.notify();
    operation_ended_();
}

asio::awaitable<void> Monitor::wait_for_fenced_poll(const std::string& identity) {
    const auto fenced = polls_.find(identity);
    if (fenced == polls_.end())
        co_return;
    const auto poller = fenced->second;
    const bool quiet = co_await poller->wait_until_quiet(workshop_.clock.now() + limits::child_termination);
    if (!quiet)
        workshop_.log.write(LogLevel::warning, describe(poller->operation()->request()) + ": " +
                                                   poller->occupation() +
                                                   " does not end; aborting all the same");
}

asio::awaitable<void> Monitor::poll_to_the_end(Poller& poller) {
    auto& operation = *poller.operation();
    for (bool over = false; !over;) {
        const auto result = co_await poller.run();
        over = !result || operation.store().finish(operation, *result);
    }
}

void Monitor::stop(std::function<void()> stopped) {
    stopping_ = true;
    for (const auto* pollers : {&polls_, &aborts_})
        for (const auto& [identity, poller] : *pollers)
            poller->stop();
    asio::co_spawn(workshop_.executor, wait_for_the_last(std::move(stopped)), must_not_fail);
}

asio::awaitable<void> Monitor::wait_for_the_last(std::function<void()> stopped) {
    const auto deadline = workshop_.clock.now() + limits::child_termination;
    while (!(polls_.empty() && aborts_.empty()) && workshop_.clock.now() < deadline)
        co_await ended_.wait(deadline);
    name_the_remaining(polls_);
    name_the_remaining(aborts_);
    stopped();
}

void Monitor::name_the_remaining(const Pollers& pollers) {
    for (const auto& [identity, poller] : pollers)
        if (!poller->is_quiet())
            workshop_.log.write(LogLevel::warning, describe(poller->operation()->request()) + ": " +
                                                       poller->occupation() +
                                                       " did not end when asked to and is left running");
}

} // namespace lvmpolld
