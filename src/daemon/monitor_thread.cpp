// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/monitor_thread.h"

#include "base/error.h"
#include "base/must_not_fail.h"
#include "operation/operation.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <unistd.h>

#include <new>
#include <system_error>
#include <utility>
#include <variant>

namespace lvmpolld {

namespace {

/// Any VG may be a shared one then.
bool lvmlockd_runs() {
    return ::access("/run/lvm/lvmlockd.socket", F_OK) == 0;
}

} // namespace

MonitorThread::MonitorThread(const Options& options, LvPollSettings lvpoll, Store& polls,
                             Store& aborts, Records* records, RecentResults& recent,
                             std::shared_ptr<Statistics> statistics, Log& log,
                             std::function<void()> changed)
    : polls_(polls), changed_(std::move(changed)), record_wait_(context_.get_executor(), records),
      launcher_(context_.get_executor(), std::move(lvpoll), log),
      kernel_watch_(context_.get_executor(), clock_, kernel_), copy_errors_(clock_, log),
      watching_{kernel_watch_, Trust(options.verify, copy_errors_, compare_legs, records),
                lvmlockd_runs},
      survey_({polls, aborts, recent, kernel_watch_, watching_.trust, log}),
      monitor_({.executor = context_.get_executor(),
                .clock = clock_,
                .launcher = launcher_,
                .log = log,
                .watching = options.engine == Options::Engine::watch ? &watching_ : nullptr,
                .kernel = &kernel_,
                .statistics = statistics},
               [this] {
                   survey_.notice();
                   changed_();
               }) {
    watching_.trust.statistics = std::move(statistics);
    if (options.adopt)
        adoption_.emplace(
            clock_, kernel_watch_, polls, aborts, log,
            [this](PollRequest request) { adopt(std::move(request)); }, changed_);
}

MonitorThread::~MonitorThread() {
    join();
    context_.shutdown();
}

void MonitorThread::begin(std::vector<Monitor::Unfinished> unfinished, SuspectList suspects,
                          Monitor::AtHand at_hand) {
    watching_.trust.suspects.restore(std::move(suspects));
    if (adoption_)
        asio::co_spawn(context_, adoption_->run(), must_not_fail);
    if (!unfinished.empty())
        asio::post(context_, [this, unfinished = std::move(unfinished),
                              at_hand = std::move(at_hand)]() mutable {
            monitor_.take_up(std::move(unfinished), at_hand);
        });
    else if (!adoption_)
        return;
    start_thread();
}

void MonitorThread::start(std::shared_ptr<Operation> operation) {
    start_thread();
    asio::post(context_, [this, operation = std::move(operation)]() mutable {
        monitor_.start(std::move(operation));
        survey_.notice();
        changed_();
    });
}

void MonitorThread::be_verbose(bool verbose) {
    asio::post(context_, [this, verbose] { launcher_.be_verbose(verbose); });
}

void MonitorThread::ask(std::function<void()> answer) {
    start_thread();
    asio::post(context_, std::move(answer));
}

void MonitorThread::survey(std::uint64_t results,
                           std::function<void(std::optional<Survey::Answer>)> answer) {
    start_thread();
    asio::post(context_, [this, results, answer = std::move(answer)] {
        std::optional<Survey::Answer> taken;
        try {
            taken = survey_.take(results);
        } catch (const std::bad_alloc&) {
        }
        answer(std::move(taken));
    });
}

void MonitorThread::follow(std::function<void()> changed) {
    start_thread();
    asio::post(context_, [this, changed = std::move(changed)]() mutable {
        survey_.follow(std::move(changed));
    });
}

void MonitorThread::start_thread() {
    const Lock lock(mutex_);
    if (!may_start_ || thread_.joinable())
        return;
    try {
        thread_ = std::thread([this] { context_.run(); });
    } catch (const std::system_error& error) {
        throw_errno("cannot start a thread", error.code().value());
    }
}

void MonitorThread::adopt(PollRequest request) {
    auto outcome = polls_.accept(std::move(request));
    auto* accepted = std::get_if<Store::Accepted>(&outcome);
    if (accepted == nullptr)
        return;
    accepted->operation->give_up_claims(0, 1); // whoever asks first is told
    if (accepted->started)
        asio::co_spawn(context_, start_recorded(std::move(accepted->operation)), must_not_fail);
}

asio::awaitable<void, RecordWait::Executor>
MonitorThread::start_recorded(std::shared_ptr<Operation> operation) {
    co_await record_wait_.until(operation->last_ticket());
    monitor_.start(std::move(operation));
    changed_();
}

void MonitorThread::stop(std::function<void()> stopped) {
    {
        const Lock lock(mutex_);
        may_start_ = false;
    }
    if (!thread_.joinable())
        return stopped();
    asio::post(context_, [this, stopped = std::move(stopped)]() mutable {
        monitor_.stop(std::move(stopped));
    });
}

void MonitorThread::join() {
    context_.stop();
    if (thread_.joinable())
        thread_.join();
}

} // namespace lvmpolld
