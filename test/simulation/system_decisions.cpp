// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the decisions of a scenario come true that concern the kernel, the system and the daemon.
#include "memory.h"
#include "trust/tracked_copy.h"
#include "world.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

bool World::is_listed(const Volume& volume) const {
    const auto list = machine_.files.find(StateDirectory::suspects_name);
    return list != machine_.files.end() &&
           list->second->content.find(volume.lvid) != std::string::npos;
}

void World::overflow_log() {
    invariants_.evidence();
    machine_.log.chatter();
    machine_.log.overflow();
    for (const auto& [number, volume] : volumes_.all())
        if (volume->is_unfinished() && volume->job->segment().told && !is_listed(*volume))
            lose_evidence(*volume);
}

void World::lose_evidence(Volume& volume) {
    volume.job->segment().lose_evidence(daemon_ && daemon_->trust().find(volume.lvid) ? daemons_ + 1
                                                                                      : daemons_);
}

bool World::perform_on_system(const Decision& decision, Chance chance) {
    const auto end = now() + decision.lasts;
    switch (decision.what) {
    case What::events_lost:
        faults_.lost_until = end;
        return true;
    case What::events_late:
        faults_.late_until = end;
        return true;
    case What::events_doubled:
        faults_.doubled_until = end;
        return true;
    case What::other_events:
        for (unsigned event = 0; event < 50; ++event)
            events_.after(chance.duration(1ms, decision.lasts + 2ms), [this] {
                if (daemon_)
                    daemon_->raise();
            });
        return true;
    case What::look_fails:
        faults_.fails_until = end;
        invariants_.evidence();
        return true;
    case What::strange:
        faults_.strange_until = end;
        invariants_.evidence();
        invariants_.blind_until(end);
        return true;
    case What::no_device_mapper:
        faults_.missing_until = end;
        invariants_.evidence();
        invariants_.blind_until(end);
        return true;
    case What::log_overflows:
        overflow_log();
        return true;
    case What::log_unreadable:
        invariants_.evidence();
        machine_.log.unreadable_until = end;
        return true;
    case What::lockd_runs:
        invariants_.evidence();
        lockd_until_ = end;
        return true;
    case What::spawn_fails:
        spawn_fails_until_ = end;
        spawn_redirects_ = chance.happens(0.5);
        return true;
    case What::kill_daemon:
        if (daemon_) {
            daemon_->kill_after(chance.between(0, 25));
            events_.after(chance.duration(1ms, 1min), [this, life = daemons_] {
                if (!peace_ && daemon_ && daemons_ == life && !daemon_->is_dead())
                    daemon_->die("it does anything");
            });
        }
        return true;
    case What::kill_starts:
    case What::fail_starts:
        (decision.what == What::kill_starts ? starts_to_kill_ : starts_to_fail_) =
            chance.between(2, 5);
        if (daemon_)
            daemon_->kill_after(chance.between(0, 25));
        return true;
    case What::stop_daemon:
        if (daemon_ && !daemon_->is_dead() && !daemon_->is_stopping())
            daemon_->stop();
        return true;
    case What::full_directory:
        machine_.full_until = end;
        return true;
    case What::slow_directory:
        slow_until_ = now() + std::min<Duration>(decision.lasts, 10min);
        return true;
    case What::no_memory:
        invariants_.evidence();
        machine_.short_until = faults_.fails_until = end;
        return true;
    case What::damage_file:
        damage_file(chance);
        if (chance.happens(0.8))
            restart_after_damage();
        return true;
    case What::spoil_file:
        spoil_file(chance);
        restart_after_damage();
        return true;
    case What::directory_fails:
        invariants_.evidence();
        machine_.failures = chance.with(1);
        machine_.fails_until = end;
        return true;
    case What::directory_held:
        machine_.held_until = end;
        return true;
    case What::look_fails_beside:
        invariants_.evidence();
        fails_beside_until_ = end;
        return true;
    case What::rush:
        rush(chance);
        return true;
    case What::late_readers:
        late_readers_until_ = end;
        return true;
    case What::reads_hang:
        reads_hang_until_ = end;
        return true;
    case What::observe_closely:
        observed_until_ = end;
        return true;
    case What::contend_lock:
        machine_.contended = chance.between(1, 4);
        return true;
    case What::observe:
        for (unsigned time = 0; time < 20; ++time)
            events_.after(chance.duration(1ms, decision.lasts + 2ms), [this] {
                if (daemon_ && !daemon_->is_dead())
                    daemon_->observe();
            });
        return true;
    case What::no_threads:
        no_threads_until_ = end;
        no_stacks_ = chance.happens(0.3);
        return true;
    case What::out_of_memory:
        invariants_.evidence();
        memory::begin_scarcity(chance.with(1), chance.one_of({0.0003, 0.003, 0.03}),
                               chance.between(1, 100), end);
        return true;
    default:
        return false;
    }
}

} // namespace lvmpolld::simulation
