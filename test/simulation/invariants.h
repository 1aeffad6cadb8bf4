// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "connection.h"
#include "lvm.h"
#include "machine.h"
#include "operation/operation.h"
#include "operation/store.h"
#include "scenario.h"
#include "trace.h"
#include "volumes.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What must hold always. Each check has the name that docs/testing.md explains; it is told what
/// happens and compares that with the truth of the world.
namespace lvmpolld::simulation {

/// What a client asked for, when it was accepted.
struct Acceptance {
    Time time{};
    std::shared_ptr<Job> job{}; ///< that was under way then; null: none
    unsigned volume = 0;
};

/// An operation as clients name it.
std::string key_of(const PollRequest& request);

class Invariants {
public:
    Invariants(const Scenario& scenario, Trace& trace, Volumes& volumes, Lvm& lvm, Machine& machine)
        : scenario_(scenario), trace_(trace), volumes_(volumes), lvm_(lvm), machine_(machine) {}

    /// Something was there that may speak against copies that are good.
    void evidence() { has_evidence_ = true; }

    /// The kernel was not to be asked lately, or showed nothing that can be understood.
    void blind_until(Time time) { blind_until_ = std::max(blind_until_, time); }

    /// Records may have been lost, or could not be read: claims may be too.
    void forgive();

    void begins(unsigned daemon);

    void ends() { runs_ = false; }

    // lvpolls
    void launched(const Process& process);
    void commits(const Process& process, Volume& volume);
    void ended_by_itself(const Process& process);
    void said_success(const Process& process);
    void not_started(const std::string& key, int code);

    // claims, as the sessions of the daemon count them
    void accepted(const Connection& connection, const PollRequest& request);

    /// Its record may have been written by then.
    void refused(const PollRequest& request) { claims_.try_emplace(key_of(request)); }

    void answered(const Connection& connection, const std::string& key);
    void closed(const Connection& connection);
    /// The daemon was killed before it had written all that it had done.
    void killed(const std::vector<std::string>& answered);

    /// A result may be told so often more.
    void doubled(const std::string& key, unsigned claims) { claims_[key].free += claims; }

    // what clients are told of what they asked for
    void told_result(const PollRequest& request, const Acceptance& acceptance,
                     std::string_view reply, bool own_claim);
    void told_nothing(const PollRequest& request, const Acceptance& acceptance, bool own_claim);

    /// Somebody reads results of the operation without having asked for it.
    void shared(const std::string& key) { shared_.insert(key); }

    /// Somebody has asked for an abort of the LV.
    bool was_aborted(const PollRequest& request) const {
        return aborted_.contains(std::string(request.identity.lvid()));
    }

    /// What the daemon logs of an operation.
    void heard(LogLevel level, const std::string& message, const Store::Operations& operations);

    /// What who watches is shown.
    void observed(const Operation& operation, const Operation::Snapshot& state, Time finished);

    /// The kernel was looked at.
    void looked();

private:
    struct Claims {
        std::map<unsigned, unsigned> held{}; ///< by connection; not less than there are
        unsigned free = 0;                   ///< likewise
    };

    void check_launch_rate(const Process& process);
    static bool is_bad(const Volume& volume);
    bool is_settled(const Acceptance& acceptance);
    /// Only lvm can know, and has said so.
    bool is_lvms_word(const std::string& key, const Acceptance& acceptance) const;
    /// The record of the run that the client asked for is lost, that of one before is not: as with
    /// `not_found`, nobody can know better.
    bool may_hear_earlier(const std::string& key, const Acceptance& acceptance) const;
    /// Nobody waits for the result on a connection of theirs: another one has read it, or it was
    /// not kept for so long.
    bool may_be_gone(const std::string& key, const Acceptance& acceptance, bool own_claim) const;
    bool has_cause(const std::string& key, std::string_view reply, Time since) const;
    void add_cause(const std::string& key, std::string text);

    const Scenario& scenario_;
    Trace& trace_;
    Volumes& volumes_;
    Lvm& lvm_;
    Machine& machine_;
    unsigned daemon_ = 0;
    Time begun_{};      ///< the daemon
    bool runs_ = false; ///< likewise
    bool has_evidence_ = false;
    Time blind_until_{};
    Time last_look_{};
    unsigned looks_ = 0;

    struct Cause {
        std::string text; ///< of the reply
        Time time;
    };

    std::map<std::string, std::vector<Cause>> causes_;
    std::map<std::string, std::weak_ptr<Operation>> failing_; ///< the last one of each
    std::map<std::string, Time> said_success_;                ///< an lvpoll of the operation, last
    std::map<std::string, std::vector<Time>> launches_;
    std::map<std::string, Claims> claims_;
    std::set<std::string> forgiven_; ///< operations whose records may be lost
    std::set<std::string> shared_;
    std::set<std::string> aborted_; ///< LVIDs
};

} // namespace lvmpolld::simulation
