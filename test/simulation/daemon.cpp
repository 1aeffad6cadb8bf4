// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon.h"

#include "base/must_not_fail.h"
#include "memory.h"
#include "operation/operation.h"
#include "world.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

Daemon::Daemon(World& world, unsigned number)
    : world_(world), number_(number), state_(Machine::state_directory, log_),
      records_(
          state_,
          [this] {
              const memory::OfWorld guard; // without it for the posting the process would end
              control_wait_.notify();
              monitor_wait_.notify();
          },
          [this] { write_records(); }),
      polls_(world.scenario().retention, &records_, &recent_),
      aborts_(world.scenario().retention, &records_, &recent_),
      service_(
          polls_, aborts_, "simulated", log_,
          [this](std::shared_ptr<Operation> operation) { start(std::move(operation)); }, &state_),
      control_wait_(control_.get_executor(), &records_),
      monitor_wait_(loop_.get_executor(), &records_),
      kernel_(
          world.volumes(), world.kernel_faults(),
          [this](std::string_view lvid) { world_.looked(lvid); }, [this] { world_.armed(); }),
      launcher_(world.lvm(), Machine::state_directory,
                [this](Process& process) { return prepare(process); }),
      events_(loop_.get_executor(), clock_, kernel_), errors_(clock_, log_),
      watching_(watching(&records_)),
      monitor_({loop_.get_executor(), clock_, launcher_, log_,
                world.scenario().watch ? &watching_ : nullptr, &kernel_,
                [this](pid_t pid) {
                    const memory::OfWorld guard;
                    return world_.lock_holder_for(pid);
                }},
               [] {}) {
    if (world.scenario().adopt && world.scenario().watch)
        adoption_.emplace(
            clock_, events_, polls_, aborts_, log_,
            [this](PollRequest request) { adopt(std::move(request)); }, [] {});
}

Daemon::~Daemon() {
    *alive_ = false;
    records_.close();
    if (stopped_)
        state_.end_life();
    control_.shutdown();
    loop_.shutdown();
    sessions_.clear();
}

Watching Daemon::watching(Records* records) {
    return {events_,
            Trust(
                world_.scenario().verify, errors_,
                [this](const dm::Copy& copy, const std::stop_token& stop, verify::Compared&) {
                    return compare(copy, stop);
                },
                records,
                [this](std::function<void()> work, const std::stop_token& stop) {
                    return compare_beside(std::move(work), stop);
                }),
            [this] { return world_.lockd_runs(); }};
}

void Daemon::take_up(const std::vector<std::shared_ptr<Connection>>& kept) {
    auto left = [this] {
        const memory::OfDaemon daemon;
        return take_up_operations(state_, polls_, aborts_, log_, [this](std::string_view prefix) {
            const memory::OfWorld guard;
            return world_.survivors(prefix);
        });
    }();
    watching_.trust.suspects.restore(std::move(left.suspects));
    if (!left.claims.empty())
        last_session_ = left.claims.rbegin()->first;
    for (const auto& connection : kept)
        last_session_ = std::max(last_session_, connection->session);
    if (adoption_)
        asio::co_spawn(loop_, adoption_->run(), must_not_fail);
    if (!left.unfinished.empty())
        asio::post(loop_, [this, unfinished = std::move(left.unfinished)]() mutable {
            monitor_.take_up(std::move(unfinished), [this](const Operation* operation) {
                const auto file =
                    operation == nullptr ? nothing_taken_up : taken_up_file(*operation);
                if (may_act("have " + std::to_string(file) + " at hand"))
                    state_.take_up(file);
            });
        });
    for (const auto& connection : kept) {
        const auto found = left.claims.extract(connection->session);
        auto claims = found ? std::move(found.mapped())
                            : std::make_unique<lvmpolld::Claims>(connection->session, true);
        const bool interrupted = std::exchange(connection->is_answering, false) &&
                                 connection->to_daemon.empty() && connection->to_client.empty();
        if (interrupted) {
            connection->daemon_closed = true;
            connection->is_kept = false;
            world_.closed(connection);
            continue;
        }
        sessions_.push_back(std::make_shared<Session>(*this, connection, std::move(claims)));
    }
    for (const auto& session : sessions_)
        asio::post(control_, [session] { session->go_on(); });
}

void Daemon::open(const std::shared_ptr<Connection>& connection) {
    connection->session = ++last_session_;
    connection->is_kept = world_.scenario().kept;
    sessions_.push_back(std::make_shared<Session>(
        *this, connection, std::make_unique<lvmpolld::Claims>(connection->session)));
    asio::post(control_, [session = sessions_.back()] { session->go_on(); });
}

void Daemon::wake(const Connection& connection) {
    for (const auto& session : sessions_)
        if (session->connection().get() == &connection)
            asio::post(control_, [session] { session->go_on(); });
}

void Daemon::run_ready() {
    std::size_t done = 1;
    while (done > 0 && !dead_) {
        control_.restart();
        loop_.restart();
        const bool control_first = world_.chance().happens(0.5);
        done = control_first ? control_.poll() : loop_.poll();
        if (!dead_)
            done += control_first ? loop_.poll() : control_.poll();
    }
    note_trouble();
    std::erase_if(sessions_, [](const auto& session) { return session->is_over(); });
    check_idle();
}

/// Without memory for a record it is lost as with a directory that can't be written.
void Daemon::note_trouble() {
    if (memory::failures() > 0 && !state_.failure().empty())
        world_.note_lost_records();
}

bool Daemon::is_idle() {
    return sessions_.empty() && in_progress() == 0 && !(adoption_ && adoption_->is_watching());
}

void Daemon::check_idle() {
    const auto patience = world_.scenario().idle_exit;
    if (patience.count() == 0 || dead_ || is_stopping() || world_.is_peace())
        return;
    if (!is_idle()) {
        idle_since_.reset();
    } else if (!idle_since_) {
        idle_since_ = now();
        later(patience, [this, since = now()] {
            if (idle_since_ == since && is_idle() && !is_stopping() && !world_.is_peace())
                stop();
        });
    }
}

bool Daemon::may_act(const std::string& what) {
    const memory::OfWorld guard;
    if (dead_)
        return false;
    if (!effects_left_)
        return true;
    if (*effects_left_ == 0) {
        die(what);
        return false;
    }
    --*effects_left_;
    return true;
}

void Daemon::die(const std::string& before) {
    const memory::OfWorld guard;
    world_.trace().say(std::string("the daemon ") + (fails_ ? "fails" : "is killed") +
                       " before: " + before);
    if (fails_)
        state_.note_fault();
    dead_ = true;
    note_trouble();
    world_.freeze();
}

void Daemon::stop() {
    world_.trace().say("the daemon is asked to stop");
    stopping_since_ = now();
    service_.stop_starting();
    asio::post(loop_, [this] { monitor_.stop([this] { stopped_ = true; }); });
}

void Daemon::later(Duration delay, std::function<void()> action) {
    const memory::OfWorld guard;
    world_.events().after(delay, [alive = alive_, action = std::move(action)] {
        if (*alive)
            action();
    });
}

void Daemon::write_records() {
    const memory::OfWorld guard;
    writes_ = true;
    later(world_.record_delay(), [this] {
        if (dead_)
            return;
        if (write_one())
            return write_records();
        writes_ = false;
        unsettled_.clear();
    });
}

bool Daemon::write_one() {
    const memory::OfDaemon daemon;
    return records_.write_one();
}

void Daemon::start(std::shared_ptr<Operation> operation) {
    world_.began(*operation);
    asio::post(loop_, [this, operation = std::move(operation)]() mutable {
        monitor_.start(std::move(operation));
    });
}

void Daemon::adopt(PollRequest request) {
    auto outcome = polls_.accept(std::move(request));
    auto* const accepted = std::get_if<Store::Accepted>(&outcome);
    if (accepted == nullptr)
        return;
    accepted->operation->give_up_claims(0, 1);
    if (accepted->started)
        asio::co_spawn(loop_, start_recorded(std::move(accepted->operation)), must_not_fail);
}

asio::awaitable<void, RecordWait::Executor>
Daemon::start_recorded(std::shared_ptr<Operation> operation) {
    co_await monitor_wait_.until(operation->last_ticket());
    monitor_.start(std::move(operation));
}

Service::Reply Daemon::answer(std::string_view message, lvmpolld::Claims& claims) {
    const memory::OfDaemon daemon;
    return service_.answer(message, claims);
}

void Daemon::note_answer(const Connection& connection, const std::string& key) {
    world_.invariants().answered(connection, key);
    unsettled_.push_back(key);
}

} // namespace lvmpolld::simulation
