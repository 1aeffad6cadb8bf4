// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client.h"
#include "connection.h"
#include "daemon.h"
#include "invariants.h"
#include "lvm.h"
#include "lvpoll/lock_holder.h"
#include "machine.h"
#include "scenario.h"
#include "simulated_kernel.h"
#include "trace.h"
#include "virtual_time.h"
#include "volumes.h"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld::simulation {

/// One world from its begin to its end, by a scenario. Everything happens on this thread, in the
/// order of virtual time.
class World {
public:
    World(const Scenario& scenario, Trace& trace);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Until the end, or the first violation.
    void run();

    // What it is made of.
    const Scenario& scenario() const { return scenario_; }

    Trace& trace() { return trace_; }

    Events& events() { return events_; }

    Chance& chance() { return chance_; }

    Volumes& volumes() { return volumes_; }

    Lvm& lvm() { return lvm_; }

    Invariants& invariants() { return invariants_; }

    const KernelFaults& kernel_faults() const { return faults_; }

    /// No fault any more: everything comes to rest.
    bool is_peace() const { return peace_; }

    /// How many polling operations clients have begun.
    std::size_t requests() const { return requests_; }

    // The daemon's edges.
    bool lockd_runs() const { return now() < lockd_until_; }

    std::optional<LockHolder> lock_holder_for(pid_t waiter) const;
    std::vector<Survivor> survivors(std::string_view prefix) const;
    Duration record_delay();
    Duration comparison_time();

    /// No thread can be started.
    bool lacks_threads() const { return now() < no_threads_until_; }

    /// Nor is there memory for one.
    bool lacks_stacks() const { return lacks_threads() && no_stacks_; }

    verify::Outcome compare(const dm::Copy& copy);

    /// How long a comparison goes on that was cancelled.
    Duration cancel_time();

    /// How long a client leaves a reply in a full socket.
    Duration read_delay();

    // The daemon looks at the LV, and begins to listen to events.
    void looked(std::string_view lvid);
    void armed();

    /// The daemon begins with it.
    void began(Operation& operation);

    std::optional<SpawnFailure> prepare(Process& process, Daemon& daemon);
    void heard(LogLevel level, const std::string& message, Daemon& daemon);

    /// Some record is not written, nor is it going to be.
    void note_lost_records() { machine_.failed = true; }

    /// The daemon has just died: memory that is mapped from files is as it is now.
    void freeze();

    // Connections.
    /// Null: nobody listens.
    std::shared_ptr<Connection> connect();
    /// The client has sent something or closed the connection.
    void wake(const std::shared_ptr<Connection>& connection);
    /// The daemon has.
    void reply(const std::shared_ptr<Connection>& connection);
    void closed(const std::shared_ptr<Connection>& connection);
    void accepted(const Connection& connection, const PollRequest& request);

    const Acceptance& acceptance(const Connection& connection) const {
        return acceptances_.at(connection.number);
    }

private:
    // decisions.cpp, volume_decisions.cpp, lvm_decisions.cpp, system_decisions.cpp
    void perform(const Decision& decision, std::size_t number);
    bool perform_on_disks(const Decision& decision, Volume& volume, Chance chance);
    bool perform_on_volume(const Decision& decision, Volume& volume, Chance chance);
    bool perform_on_lvm(const Decision& decision, Volume& volume, Chance chance);
    bool perform_on_system(const Decision& decision, Chance chance);
    void make_copy(const Decision& decision, std::size_t number);
    static void make_atomic(Job& job);
    std::shared_ptr<Job> make_job(OperationType type, Chance& chance);
    enum class Habit { none, insistent, two_minded, garbled };
    void ask(const Volume& volume, Chance chance, bool abort, Habit habit = Habit::none);
    void bad_region(Volume& volume, Chance& chance, bool told);
    void overflow_log();
    void lose_evidence(Volume& volume);
    // file_decisions.cpp
    std::string choose_file(Chance& chance);
    void damage_file(Chance chance);
    void spoil_file(Chance chance);
    void restart_after_damage();
    /// From this daemon on nobody can know what has spoken against the copies.
    void forget_evidence(unsigned first_daemon);
    void mistake(const Volume& volume, Chance chance);
    /// The written list of suspect copies has one of it.
    bool is_listed(const Volume& volume) const;
    void activate_again(unsigned number, Duration delay);
    void change_mirror(Volume& volume, Chance chance);
    void rush(Chance chance);
    void finish_within(Volume& volume, Duration duration);
    /// A copy of an LV that has taken the name of another begins, badly.
    void copy_successor(Volume& successor, OperationType type, Chance chance);
    void observe_soon();
    void doom(Process& process);

    // expectations.cpp
    void expect_step(Volume& volume);
    void expect_stuck(Volume& volume);
    void expect_holder(const std::shared_ptr<Process>& process);
    std::vector<std::shared_ptr<Operation>> unfinished_of(const Volume& volume);
    bool is_late(const Volume& volume, const std::shared_ptr<Operation>& operation);

    // the daemon's life
    void start_daemon();
    void end_daemon(bool killed);
    void note_doubled_claims();
    void look_after_daemon();
    void run_until(Time end);

    // the end: peace.cpp
    void make_peace();
    void finish_copies();
    void expect_rest();
    void expect_nothing_left();
    std::size_t unfinished_clients() const;

    const Scenario& scenario_;
    Trace& trace_;
    Events events_;
    Chance chance_;
    Machine machine_;
    Volumes volumes_{events_, trace_};
    Lvm lvm_{events_, trace_, volumes_, chance_.with(1)};
    Invariants invariants_{scenario_, trace_, volumes_, lvm_, machine_};
    KernelFaults faults_;
    Time lockd_until_{};
    Time slow_until_{};
    Duration longest_beginning_{}; ///< from an acceptance to the begin: the record was slow
    Time spawn_fails_until_{};
    unsigned starts_to_kill_ = 0;
    unsigned starts_to_fail_ = 0;
    unsigned own_deaths_ = 0;   ///< by the daemons' own fault, since one ended in order
    unsigned early_deaths_ = 0; ///< in a row
    Time daemon_started_{};
    Time no_threads_until_{};
    Time fails_beside_until_{};
    Time late_readers_until_{};
    Time reads_hang_until_{};
    Time observed_until_{};
    bool no_stacks_ = false;
    bool spawn_redirects_ = false;
    std::map<unsigned, Chance> asks_at_commit_;     ///< who asks right after the LV's next commit
    std::map<unsigned, Chance> changes_at_verdict_; ///< whose mirror changes as it is compared
    std::set<unsigned> done_at_arming_;   ///< which LVs' segments are copied as the daemon listens
    std::map<unsigned, Decision> doomed_; ///< what happens to the next lvpoll of the LV, by number
    bool peace_ = false;
    std::size_t requests_ = 0;

    std::map<unsigned, std::shared_ptr<Connection>> connections_;
    std::map<unsigned, Acceptance> acceptances_;
    unsigned last_connection_ = 0;
    std::list<std::unique_ptr<Client>> clients_;
    unsigned daemons_ = 0;
    std::unique_ptr<Daemon> daemon_;
    std::optional<Time> restart_at_;
    bool waits_for_client_ = false; ///< it has ended since it was idle
    bool ends_dead_ = false;        ///< what is left of a dead daemon goes
    File::Mapped frozen_mark_{};
};

} // namespace lvmpolld::simulation
