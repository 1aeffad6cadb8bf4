// SPDX-License-Identifier: LGPL-2.1-or-later
#include "invariants.h"

#include "base/limits.h"
#include "operation/operation.h"
#include "wire/reply.h"

#include <algorithm>

namespace lvmpolld::simulation {

namespace {

using namespace std::chrono_literals;

/// More starts in a minute than pauses between them allow for.
constexpr std::size_t most_launches = 40;

/// For how long an abort waits for what it has stopped.
constexpr auto patience = limits::child_termination - 100ms;

/// Who is accepted after the end of an lvpoll that can't be checked, before the daemon has heard of
/// it, joins it.
constexpr auto late_joiner = 100ms;

/// More looks without time passing than any event needs.
constexpr unsigned most_looks = 5000;

} // namespace

std::string key_of(const PollRequest& request) {
    return (request.abort ? "abort " : "poll ") + request.identity.text();
}

void Invariants::looked() {
    looks_ = last_look_ == now() ? looks_ + 1 : 0;
    last_look_ = now();
    if (looks_ > most_looks) {
        trace_.violate("busy-loop", "the kernel is asked again and again");
        throw std::logic_error("the kernel is asked again and again");
    }
}

void Invariants::launched(const Process& process) {
    const auto lvid = process.request.identity.lvid();
    for (const auto& [pid, other] : lvm_.running()) {
        if (other->mark.empty() || forgiven_.contains(other->key))
            continue;
        if (other->key == process.key)
            trace_.violate("two-lvpolls", describe(*other) + " still runs when another is started");
        const bool aborts = process.request.abort != other->request.abort;
        const bool given_up = other->terminated && now() - *other->terminated >= patience;
        if (aborts && other->request.identity.lvid() == lvid && !given_up)
            trace_.violate("abort-overlaps-step",
                           describe(*other) + " runs when " + process.lv + "'s is started");
    }
    check_launch_rate(process);
}

void Invariants::check_launch_rate(const Process& process) {
    auto& times = launches_[process.key];
    std::erase_if(times, [](Time time) { return now() - time > 1min; });
    times.push_back(now());
    if (times.size() > most_launches)
        trace_.violate("launch-storm", "lvpoll of " + process.vg + "/" + process.lv +
                                           " is started more than once a second");
}

void Invariants::commits(const Process& process, Volume& volume) {
    const auto& job = *volume.job;
    const auto& segment = job.segments[job.current];
    const bool ours = !process.mark.empty() && process.daemon == daemon_;
    if (!ours || process.request.abort || !segment.differs || !scenario_.watch ||
        scenario_.verify == Verify::never)
        return;
    if (!segment.told && scenario_.verify != Verify::always)
        return;
    if (segment.unknowable_from != 0 && daemon_ >= segment.unknowable_from)
        return;
    if (process.resident && !process.told_bad)
        return;
    // Nobody is there to see that another LV has taken the name that it was started for, or nobody
    // was told, and the next look is to come.
    const auto next_look = std::max<Duration>(process.interval, 1s) + 50ms;
    const bool unseen = !runs_ || (volume.unheard && now() < *volume.unheard + next_look);
    if (unseen && process.request.identity.lvid() != volume.lvid)
        return;
    trace_.violate("bad-copy-committed", describe(process) + " commits a copy that differs" +
                                             (process.resident ? ", as a resident" : ""));
}

void Invariants::add_cause(const std::string& key, std::string text) {
    causes_[key].push_back({std::move(text), now()});
}

void Invariants::ended_by_itself(const Process& process) {
    add_cause(process.key, wire::reply::finished(*process.status));
}

void Invariants::said_success(const Process& process) {
    said_success_[process.key] = now();
}

void Invariants::not_started(const std::string& key, int code) {
    add_cause(key, wire::reply::finished(Exited{code}));
}

bool Invariants::has_cause(const std::string& key, std::string_view reply, Time since) const {
    const auto found = causes_.find(key);
    return found != causes_.end() && std::ranges::any_of(found->second, [&](const Cause& cause) {
               return cause.text == reply && cause.time + 2min >= since;
           });
}

bool Invariants::is_settled(const Acceptance& acceptance) {
    const auto* const volume = volumes_.of_number(acceptance.volume);
    if (!acceptance.job || acceptance.job->is_over())
        return true;
    return volume == nullptr || !volume->is_unfinished() ||
           volume->last_inactive >= acceptance.time;
}

bool Invariants::is_lvms_word(const std::string& key, const Acceptance& acceptance) const {
    const auto said = said_success_.find(key);
    const auto& kind = dm::kind_of(acceptance.job->type);
    // With other legs a conversion is another one for all that the kernel shows (rule 1).
    const bool another = !kind.own_lvid && acceptance.job->legs_changed >= acceptance.time;
    return said != said_success_.end() && said->second + late_joiner >= acceptance.time &&
           (!kind.visible || another || acceptance.time < blind_until_);
}

void Invariants::begins(unsigned daemon) {
    daemon_ = daemon;
    begun_ = now();
    runs_ = true;
}

bool Invariants::may_hear_earlier(const std::string& key, const Acceptance& acceptance) const {
    return acceptance.time < begun_ && forgiven_.contains(key);
}

bool Invariants::may_be_gone(const std::string& key, const Acceptance& acceptance,
                             bool own_claim) const {
    return !own_claim &&
           (shared_.contains(key) || now() - acceptance.time > scenario_.retention.age ||
            scenario_.retention.results < 1000);
}

void Invariants::told_result(const PollRequest& request, const Acceptance& acceptance,
                             std::string_view reply, bool own_claim) {
    static const auto success = wire::reply::finished(Exited{0});
    const auto key = key_of(request);
    const bool earlier = may_hear_earlier(key, acceptance);
    if (reply == success) {
        if (!is_settled(acceptance) && !is_lvms_word(key, acceptance) &&
            !(earlier && said_success_.contains(key)))
            trace_.violate("untrue-success", "a client is told 0 of " + request.vgname + "/" +
                                                 request.lvname + ", which is not finished");
        return;
    }
    if (reply == wire::reply::polling_failed) {
        // Who was connected to an earlier daemon is told so where others are told `not_found`.
        if (!forgiven_.contains(key) && !may_be_gone(key, acceptance, own_claim) &&
            !has_cause(key, reply, acceptance.time))
            trace_.violate("failure-without-cause", "a client is told that polling failed");
        return;
    }
    if (!has_cause(key, reply, earlier ? Time::min() : acceptance.time))
        trace_.violate("failure-without-cause", "a client is told of a failure of " +
                                                    request.vgname + "/" + request.lvname +
                                                    " that did not happen: " + std::string(reply));
}

void Invariants::told_nothing(const PollRequest& request, const Acceptance& acceptance,
                              bool own_claim) {
    const auto key = key_of(request);
    if (!may_be_gone(key, acceptance, own_claim) && !forgiven_.contains(key))
        trace_.violate("claim-lost", "a client that was accepted is told not_found");
}

void Invariants::accepted(const Connection& connection, const PollRequest& request) {
    const auto key = key_of(request);
    ++claims_[key].held[connection.number];
    // One that has failed may wait for long until its lvpoll has gone, and be joined meanwhile.
    if (const auto operation = failing_[key].lock(); operation && !operation->snapshot().result)
        add_cause(key, std::string(wire::reply::polling_failed));
    trace_.say("connection " + std::to_string(connection.number) + " has a claim on " +
               request.vgname + "/" + request.lvname);
    if (request.abort)
        aborted_.emplace(request.identity.lvid());
}

void Invariants::answered(const Connection& connection, const std::string& key) {
    auto& claims = claims_[key];
    auto& held = claims.held[connection.number];
    trace_.say("connection " + std::to_string(connection.number) + " is told a result");
    if (held > 0) {
        --held;
    } else if (claims.free > 0) {
        --claims.free;
    } else {
        const bool others = std::ranges::any_of(claims.held, [](const auto& connection_and_count) {
            return connection_and_count.second > 0;
        });
        // What was adopted has nobody's claim: whoever asks is told.
        if (!others && !forgiven_.contains(key) && !scenario_.adopt)
            trace_.violate("answered-twice", "a result is told more often than was asked for");
    }
}

void Invariants::closed(const Connection& connection) {
    for (auto& [key, claims] : claims_)
        if (const auto found = claims.held.find(connection.number); found != claims.held.end()) {
            claims.free += found->second;
            claims.held.erase(found);
        }
}

void Invariants::killed(const std::vector<std::string>& answered) {
    for (const auto& key : answered)
        ++claims_[key].free;
    if (machine_.failed)
        forgive();
}

void Invariants::forgive() {
    for (const auto& [key, claims] : claims_)
        forgiven_.insert(key);
    for (const auto& [pid, process] : lvm_.running())
        forgiven_.insert(process->key);
}

void Invariants::heard(LogLevel level, const std::string& message,
                       const Store::Operations& operations) {
    const auto has = [&](std::string_view text) { return message.find(text) != message.npos; };
    const bool bad = has(": NOT committed, the copy is bad");
    const bool unverified = has(": NOT committed: the copy can't be verified");
    const bool denied = has(": lvm says that it is finished, but the kernel still shows");
    const bool unconfirmed =
        has(": lvm says that it is finished, but the kernel could not be asked");
    const bool failed = has(": failed: "); // for want of memory, like a refusal
    if (failed || has(": refused: "))
        for (const auto& operation : operations)
            if (message.starts_with(describe(operation->request()) + ": ")) {
                add_cause(key_of(operation->request()), std::string(wire::reply::polling_failed));
                if (failed)
                    failing_[key_of(operation->request())] = operation;
            }
    if (has(" now, and what has become of this one can't be seen"))
        for (const auto& operation : operations)
            if (message.starts_with(describe(operation->request()) + ": "))
                add_cause(key_of(operation->request()), wire::reply::finished(Exited{5}));
    if (level != LogLevel::error || !(bad || unverified || denied || unconfirmed))
        return;
    if (unconfirmed && !has_evidence_)
        trace_.violate("false-denial", message);
    if (unverified && scenario_.verify == Verify::suspect && !has_evidence_)
        trace_.violate("good-copy-refused", message);
    bool is_true = unverified || unconfirmed;
    for (const auto& operation : operations) { // two LVs may have had the name
        const auto& request = operation->request();
        if (!message.starts_with(describe(request) + ": ") || operation->snapshot().result)
            continue;
        add_cause(key_of(request), wire::reply::finished(Exited{5}));
        const auto* const volume = volumes_.of_lvid(request.identity.lvid());
        is_true =
            is_true || (volume != nullptr && (denied ? volume->is_unfinished() : is_bad(*volume)));
    }
    if (!is_true)
        trace_.violate(denied ? "false-denial" : "good-copy-refused", message);
}

void Invariants::observed(const Operation& operation, const Operation::Snapshot& state,
                          Time finished) {
    if (state.progress && state.progress->copied > state.progress->total)
        trace_.violate("impossible-progress",
                       describe(operation.request()) + ": more is copied than there is");
    if (state.result && finished > now())
        trace_.violate("impossible-progress",
                       describe(operation.request()) + ": it has ended in the future");
}

bool Invariants::is_bad(const Volume& volume) {
    if (!volume.has_legs())
        return false;
    const auto& segment = volume.job->segments[volume.job->current];
    return segment.differs || segment.unreadable;
}

} // namespace lvmpolld::simulation
