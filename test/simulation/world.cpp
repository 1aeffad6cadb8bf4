// SPDX-License-Identifier: LGPL-2.1-or-later
#include "world.h"

#include "base/limits.h"
#include "memory.h"
#include "state/crash_history.h"
#include "state/record_text.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <new>
#include <utility>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

/// How much later than it should a stop may be over.
constexpr Duration stop_tolerance = 2s;

/// A daemon that lives longer has taken everything up.
constexpr Duration early_death = 10s;

/// So many in a row may be killed at their start on purpose. Others may be by chance, and ten would
/// set a record aside, as they should.
constexpr unsigned most_early_deaths = 6;

} // namespace

World::World(const Scenario& scenario, Trace& trace)
    : scenario_(scenario), trace_(trace), chance_(scenario.seed ^ 0x5eed) {
    memory::begin();
    machine_.is_memory = scenario.memory;
    machine_.may_act = [this](const std::string& what) {
        return daemon_ != nullptr ? daemon_->may_act(what) : !ends_dead_;
    };
    volumes_.created = [this](Volume& volume) {
        if (now() < std::max(faults_.lost_until, faults_.late_until))
            volume.unheard = now();
    };
    volumes_.raised = [this](Volume&) {
        if (!daemon_ || now() < faults_.lost_until)
            return;
        if (now() >= faults_.late_until)
            daemon_->raise();
        else
            daemon_->later(chance_.duration(1ms, 20s), [this] { daemon_->raise(); });
        if (now() < faults_.doubled_until)
            daemon_->later(chance_.duration(1ms, 1s), [this] { daemon_->raise(); });
    };
    lvm_.committing = [this](const Process& process, Volume& volume) {
        invariants_.commits(process, volume);
        if (auto found = asks_at_commit_.extract(volume.number))
            events_.after(found.mapped().duration(1us, 20ms),
                          [this, &volume, chance = found.mapped()] { ask(volume, chance, false); });
    };
    volumes_.completed = [this](Volume& volume) { expect_step(volume); };
    volumes_.died = [this](Volume& volume) { expect_stuck(volume); };
    lvm_.waits = [this](const std::shared_ptr<Process>& process) { expect_holder(process); };
    lvm_.succeeded = [this](const Process& process) { invariants_.said_success(process); };
    lvm_.failed = [this](const Process& process) { invariants_.ended_by_itself(process); };
    for (std::size_t number = 0; number < scenario.decisions.size(); ++number)
        if (scenario.decisions[number].what != What::nothing)
            events_.after(scenario.decisions[number].at, [this, number] {
                if (!peace_)
                    perform(scenario_.decisions[number], number);
            });
}

World::~World() {
    daemon_.reset();
}

void World::run() {
    start_daemon();
    look_after_daemon();
    run_until(now() + scenario_.horizon);
    make_peace();
    expect_rest();
    if (!trace_.violation())
        expect_nothing_left();
}

void World::run_until(Time end) {
    events_.at(end, [] {});
    while (!trace_.violation() && !events_.is_empty() && events_.next() <= end) {
        events_.run_next();
        look_after_daemon();
    }
}

void World::start_daemon() {
    if (daemon_)
        return;
    waits_for_client_ = false;
    machine_.failed = machine_.has_failed_calls = false;
    if (now() < machine_.short_until)
        invariants_.forgive(); // the state directory can't be opened, and nothing is said of it
    invariants_.begins(++daemons_);
    if (own_deaths_ >= most_faults) { // it may set aside what they died over
        invariants_.forgive();
        forget_evidence(daemons_);
    }
    daemon_started_ = now();
    trace_.say("daemon " + std::to_string(daemons_) + " starts");
    std::vector<std::shared_ptr<Connection>> kept;
    for (const auto& [number, connection] : connections_)
        kept.push_back(connection);
    try {
        daemon_ = std::make_unique<Daemon>(*this, daemons_);
        if (early_deaths_ >= most_early_deaths) {
            starts_to_kill_ = starts_to_fail_ = 0;
        } else if (starts_to_kill_ > 0) {
            --starts_to_kill_;
            daemon_->kill_after(chance_.between(0, 2));
        } else if (starts_to_fail_ > 0) {
            --starts_to_fail_;
            daemon_->fail_after(chance_.between(1, 2));
        }
        daemon_->take_up(kept);
    } catch (const std::exception& error) {
        trace_.say(std::string("it can't start: ") + error.what());
        if (daemon_)
            daemon_->die("its start is over");
    }
    if (machine_.has_failed_calls) { // what it could not read it does not know
        invariants_.forgive();
        forget_evidence(daemons_);
    }
}

/// The free claims of a run go over to the next one, and are in the records of both until the
/// second one is written (Store::take_place). A kill in between doubles them.
void World::note_doubled_claims() {
    std::map<std::string, Record> newest; // by operation
    for (const auto& [name, file] : machine_.files) {
        if (!is_record(name))
            continue;
        RecordNumber number = 0;
        std::from_chars(name.data() + name.find('-') + 1, name.data() + name.size(), number);
        auto parsed = parse_record(file->content, Machine::boot, number);
        auto* const record = std::get_if<Record>(&parsed);
        if (record == nullptr)
            continue;
        const auto key = key_of(record->request);
        const auto [place, first] = newest.try_emplace(key, *record);
        if (first)
            continue;
        if (place->second.number < number)
            std::swap(place->second, *record);
        invariants_.doubled(key, record->free_claims);
    }
}

void World::end_daemon(bool killed) {
    invariants_.ends();
    if (killed) {
        invariants_.killed(daemon_->unsettled());
        note_doubled_claims();
    } else if (machine_.failed)
        invariants_.forgive();
    std::vector<std::shared_ptr<Connection>> broken;
    for (const auto& [number, connection] : connections_)
        if (!connection->is_kept)
            broken.push_back(connection);
    ends_dead_ = killed;
    if (!killed)
        own_deaths_ = 0;
    else if (daemon_->fails())
        ++own_deaths_;
    early_deaths_ = killed && now() - daemon_started_ < early_death ? early_deaths_ + 1 : 0;
    daemon_.reset();
    ends_dead_ = false;
    if (killed)
        if (const auto mark = machine_.files.find(StateMarks::file_name);
            mark != machine_.files.end())
            mark->second->mapped = frozen_mark_;
    for (const auto& connection : broken) {
        connection->daemon_closed = true;
        closed(connection);
    }
}

void World::observe_soon() {
    if (now() >= observed_until_)
        return;
    events_.after(chance_.duration(1us, 1s), [this] {
        if (daemon_ && !daemon_->is_dead())
            daemon_->observe();
    });
}

void World::freeze() {
    const auto mark = machine_.files.find(StateMarks::file_name);
    frozen_mark_ = mark == machine_.files.end() ? File::Mapped{} : mark->second->mapped;
}

void World::look_after_daemon() {
    if (!daemon_)
        return;
    try {
        if (!daemon_->is_dead())
            daemon_->run_ready();
    } catch (const std::exception& error) {
        const bool memory = dynamic_cast<const std::bad_alloc*>(&error) && memory::failures() > 0;
        if (!memory && !trace_.violation())
            trace_.violate("crash", error.what());
        daemon_->die(memory ? "it would have the memory for it" : "the end of a crash");
    }
    if (daemon_->is_stopping() && !daemon_->has_stopped() &&
        now() - daemon_->stopping_since() > limits::child_termination + stop_tolerance)
        trace_.violate("never-stops", "the daemon goes on after it was asked to stop");
    const bool dead = daemon_->is_dead();
    if (!dead && !daemon_->has_stopped())
        return;
    const bool idle = !dead && daemon_->is_idle();
    trace_.say(dead ? "the daemon is dead" : "the daemon has stopped");
    end_daemon(dead);
    if (idle && scenario_.idle_exit.count() > 0 && !peace_)
        waits_for_client_ = true;
    else
        events_.after(chance_.duration(20ms, 60s), [this] { start_daemon(); });
}

std::shared_ptr<Connection> World::connect() {
    if (!daemon_ && waits_for_client_)
        start_daemon();
    if (!daemon_ || daemon_->is_dead() || daemon_->is_stopping())
        return nullptr;
    auto connection = std::make_shared<Connection>();
    connection->number = ++last_connection_;
    connections_.emplace(connection->number, connection);
    daemon_->open(connection);
    return connection;
}

void World::wake(const std::shared_ptr<Connection>& connection) {
    events_.after(chance_.duration(10us, 5ms), [this, connection] {
        if (connection->daemon_closed)
            return;
        if (daemon_)
            daemon_->wake(*connection);
    });
}

void World::reply(const std::shared_ptr<Connection>& connection) {
    if (connection->to_client.empty() && connection->daemon_closed)
        trace_.say("connection " + std::to_string(connection->number) + " ends");
    events_.after(chance_.duration(10us, 5ms), [connection] {
        if (const auto client = connection->client)
            client();
    });
}

void World::closed(const std::shared_ptr<Connection>& connection) {
    invariants_.closed(*connection);
    connections_.erase(connection->number);
    reply(connection);
}

void World::accepted(const Connection& connection, const PollRequest& request) {
    const auto* const volume = volumes_.of_lvid(request.identity.lvid());
    Acceptance acceptance{now(), nullptr, volume != nullptr ? volume->number : 0};
    if (volume != nullptr && volume->is_unfinished() && volume->job->type == request.type)
        acceptance.job = volume->job;
    acceptances_[connection.number] = std::move(acceptance);
    invariants_.accepted(connection, request);
    observe_soon();
    ++requests_;
}

} // namespace lvmpolld::simulation
