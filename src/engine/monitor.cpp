// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/monitor.h"

#include "base/limits.h"
#include "base/must_not_fail.h"
#include "lvpoll/lvpoll_end.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <exception>

namespace lvmpolld {

Monitor::Monitor(Workshop workshop, std::function<void()> operation_ended)
    : workshop_(std::move(workshop)), operation_ended_(std::move(operation_ended)), ended_(workshop_.clock) {
    workshop_.resume = [this](Poller& poller) {
        // Not at once: a life runs up to its first wait, and who wakes it may be what it is going to destroy.
        asio::post(workshop_.executor,
                   [this, poller = poller.shared_from_this()] { bring_to_life(poller, false); });
    };
}

Monitor::~Monitor() = default;

void Monitor::start(std::shared_ptr<Operation> operation) {
    if (stopping_)
        return;
    auto poller = std::make_shared<Poller>(workshop_, std::move(operation));
    enter(poller);
    bring_to_life(std::move(poller), true);
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
        bring_to_life(std::move(poller), true);
}

void Monitor::enter(const std::shared_ptr<Poller>& poller) {
    const auto& operation = *poller->operation();
    const auto& identity = operation.identity();
    pollers_of(operation).insert(poller);
    if (operation.request().abort) {
        if (const auto polled = polls_.find(identity); polled != polls_.end())
            (*polled)->fence();
    } else if (aborts_.contains(identity)) {
        poller->fence();
    }
}

void Monitor::bring_to_life(std::shared_ptr<Poller> poller, bool begins) {
    asio::co_spawn(workshop_.executor, live(std::move(poller), begins), must_not_fail);
}

asio::awaitable<void> Monitor::live(std::shared_ptr<Poller> poller, bool begins) {
    const auto operation = poller->operation();
    std::optional<std::string> failure;
    bool over = true;
    try {
        if (begins && operation->request().abort)
            co_await wait_for_fenced_poll(operation->identity());
        over = co_await poll_to_the_end(*poller);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (failure) {
        workshop_.log.write(LogLevel::error, describe(operation->request()) + " failed: " + *failure);
        co_await poller->put_down();
        operation->store().fail(*operation);
    }
    if (over)
        end(poller);
}

void Monitor::end(const std::shared_ptr<Poller>& poller) {
    const auto& operation = *poller->operation();
    pollers_of(operation).erase(poller);
    if (operation.request().abort)
        if (const auto fenced = polls_.find(operation.identity()); fenced != polls_.end())
            (*fenced)->release();
    ended_.notify();
    operation_ended_();
}

asio::awaitable<void> Monitor::wait_for_fenced_poll(const std::string& identity) {
    const auto fenced = polls_.find(identity);
    if (fenced == polls_.end())
        co_return;
    const auto poller = *fenced; // NOLINT(performance-unnecessary-copy-initialization): kept over the wait
    const bool quiet = co_await poller->wait_until_quiet(workshop_.clock.now() + limits::child_termination);
    if (quiet)
        co_return;
    workshop_.log.write(LogLevel::warning, describe(poller->operation()->request()) + ": " +
                                               poller->occupation() + " does not end; aborting all the same");
    poller->give_up_comparison();
}

asio::awaitable<bool> Monitor::poll_to_the_end(Poller& poller) {
    auto& operation = *poller.operation();
    for (;;) {
        const auto outcome = co_await poller.run();
        if (std::holds_alternative<Poller::Resting>(outcome))
            co_return false;
        const auto* result = std::get_if<Result>(&outcome);
        if (result == nullptr || operation.store().finish(operation, *result))
            co_return true;
    }
}

void Monitor::stop(std::function<void()> stopped) {
    stopping_ = true;
    for (const auto* pollers : {&polls_, &aborts_})
        for (const auto& poller : *pollers)
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
    for (const auto& poller : pollers)
        if (!poller->is_quiet())
            workshop_.log.write(LogLevel::warning, describe(poller->operation()->request()) + ": " +
                                                       poller->occupation() +
                                                       " did not end when asked to and is left running");
}

} // namespace lvmpolld
