// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"
#include "chance.h"
#include "operation/poll_request.h"
#include "trace.h"
#include "virtual_time.h"
#include "volumes.h"

#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// lvm's processes: lvpolls, of the daemon and of others, and whoever else takes a VG's lock.
namespace lvmpolld::simulation {

/// A process. It outlives the daemon that has started it.
struct Process {
    pid_t pid = 0;
    std::string mark; ///< of the daemon's; empty: somebody else's
    std::string key;  ///< of the operation
    PollRequest request;
    std::string vg;
    std::string lv;
    Duration interval{};
    bool wait_first = false;
    Chance chance{0};
    Time started{};

    bool has_lock = false;
    bool waits_for_lock = false;
    std::shared_ptr<Job> found{};     ///< what its name's LV had to do when it got the lock
    bool deaf = false;                ///< hangs: also SIGTERM waits
    bool sees_nothing = false;        ///< an old view: this one takes the LV for finished
    bool fails = false;               ///< exits 5 at its next look
    Duration lingers{};               ///< a child of it stays for so long after its end
    std::optional<ExitStatus> left{}; ///< how it ended, when only that child is there
    std::optional<Time> terminated{}; ///< was sent SIGTERM then
    unsigned daemon = 0;              ///< which daemon has started it
    bool resident = false;            ///< it was to do everything by itself
    bool told_bad = false;            ///< its copy was on the list of suspects when it started
    unsigned turn = 0;                ///< tells what was planned before something else happened
    std::optional<ExitStatus> status{};
    std::function<void()> ended{}; ///< of the daemon that waits for it

    /// It does nothing any more.
    bool is_over() const { return status || left; }
};

class Lvm {
public:
    Lvm(Events& events, Trace& trace, Volumes& volumes, Chance chance)
        : events_(events), trace_(trace), volumes_(volumes), chance_(chance) {}

    /// Is told before a segment is committed, before a move is aborted, and when a process has
    /// failed by itself, or exits 0.
    std::function<void(const Process&, Volume&)> committing;
    std::function<void(const Process&)> failed;
    std::function<void(const Process&)> succeeded;
    std::function<void(const std::shared_ptr<Process>&)> waits; ///< for the VG's lock

    std::shared_ptr<Process> start(Process process);

    void terminate(Process& process);
    void kill(Process& process, int signal);

    /// It does nothing for a while, and does not hear signals.
    void hang(Process& process, Duration duration);

    /// Those that run.
    const std::map<pid_t, std::shared_ptr<Process>>& running() const { return running_; }

    /// Another command holds the VG's lock.
    void hold_lock(const std::string& vg, Duration duration);

    /// Who holds the lock that the process waits for.
    std::optional<pid_t> lock_holder_for(pid_t waiter) const;

    /// lvm does not see the VG until then, and takes its LVs for finished.
    void hide(const std::string& vg, Time until) { hidden_until_[vg] = until; }

    bool is_hidden(const std::string& vg) const {
        const auto found = hidden_until_.find(vg);
        return found != hidden_until_.end() && now() < found->second;
    }

    /// The longest that anybody has waited for a VG's lock while only lvpolls held it.
    Duration longest_wait() const { return longest_wait_; }

private:
    struct Lock {
        pid_t holder = 0; ///< 0: nobody

        struct Waiter {
            pid_t pid;
            Time since;
            std::function<void()> taken;
        };

        std::deque<Waiter> waiters{};
    };

    using Running = std::shared_ptr<Process>;

    void plan(const Running& process, Duration delay, std::function<void()> next);
    void take_lock(const std::string& vg, pid_t pid, std::function<void()> taken);
    void release_lock(const std::string& vg, pid_t pid);
    void look(const Running& process);
    void look_with_lock(const Running& process);
    void act(const Running& process, Volume& volume);
    void sleep(const Running& process);
    void release(const Running& process);
    void end(Running process, ExitStatus status);
    void give_up_locks(Process& process);

    Events& events_;
    Trace& trace_;
    Volumes& volumes_;
    Chance chance_;
    pid_t last_pid_ = 1000;
    std::map<pid_t, Running> running_;
    std::map<std::string, Lock> locks_;
    std::map<std::string, Time> hidden_until_;
    Duration longest_wait_{0};
};

/// "lvpoll[1001] of vg0/pvmove0"
std::string describe(const Process& process);

} // namespace lvmpolld::simulation
