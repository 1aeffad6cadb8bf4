// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/poller.h"

#include "polling/lvpoll_end.h"

namespace lvmpolld {

Poller::Poller(Workshop& workshop, std::shared_ptr<Operation> operation)
    : workshop_(workshop), operation_(std::move(operation)), wakeup_(workshop.executor, workshop.clock),
      quiet_(workshop.executor, workshop.clock) {}

void Poller::fence() {
    ++fences_;
    wakeup_.notify();
}

void Poller::release() {
    --fences_;
    wakeup_.notify();
}

void Poller::stop() {
    stopping_ = true;
    wakeup_.notify();
}

asio::awaitable<bool> Poller::wait_until_quiet(Clock::TimePoint deadline) {
    while (lvpoll_ && workshop_.clock.now() < deadline)
        co_await quiet_.wait(deadline);
    co_return !lvpoll_;
}

asio::awaitable<std::optional<Result>> Poller::run() {
    while (!stopping_) {
        if (fences_ > 0) {
            operation_->set_phase(Phase::fenced);
            co_await wakeup_.wait();
        } else {
            const auto result = co_await stay_resident();
            if (result)
                co_return result;
        }
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<Result>> Poller::stay_resident() {
    operation_->set_phase(Phase::resident);
    const auto& request = operation_->request();
    const auto interval = interrupted_before_ ? recall_interval(request.interval) : request.interval.text;
    auto launched = workshop_.launcher.launch({request, interval, request.vgname, request.lvname},
                                              [this] { wakeup_.notify(); });
    if (const auto* failure = std::get_if<SpawnFailure>(&launched))
        co_return report_spawn_failure(workshop_.log, request, *failure);
    lvpoll_ = std::move(std::get<std::unique_ptr<LvPoll>>(launched));
    operation_->set_lvpoll(lvpoll_->pid());

    bool terminated = false;
    while (!lvpoll_->status()) {
        if (must_be_quiet() && !terminated) {
            lvpoll_->terminate();
            terminated = true;
        }
        co_await wakeup_.wait();
    }
    const auto status = *lvpoll_->status();
    lvpoll_.reset();
    quiet_.notify();
    if (terminated && is_interruption(status)) {
        interrupted_before_ = true;
        co_return std::nullopt;
    }
    co_return report_end(workshop_.log, request, status);
}

} // namespace lvmpolld
