// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the decisions of a scenario come true that concern lvm's processes.
#include "world.h"

#include <signal.h>

#include <utility>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

bool World::perform_on_lvm(const Decision& decision, Volume& volume, Chance chance) {
    Process outside;
    outside.request.type = volume.job->type;
    outside.vg = volume.vg;
    outside.lv = volume.lv;
    outside.interval = chance.duration(1s, 5min);
    switch (decision.what) {
    case What::outside_poller:
        lvm_.start(std::move(outside));
        return true;
    case What::outside_abort:
        if (volume.job->type == OperationType::pvmove) {
            outside.request.abort = true;
            lvm_.start(std::move(outside));
        }
        return true;
    case What::invisible:
        lvm_.hide(volume.vg, now() + decision.lasts);
        return true;
    case What::lock_held:
        lvm_.hold_lock(volume.vg, decision.lasts);
        return true;
    case What::lvpoll_fails:
    case What::old_view:
    case What::lvpoll_killed:
    case What::lvpoll_hangs:
    case What::lvpoll_crashes:
    case What::lvpoll_lingers:
        doomed_.insert_or_assign(volume.number, decision);
        return true;
    default:
        return false;
    }
}

/// What was decided for the next lvpoll of the LV befalls this one.
void World::doom(Process& process) {
    const auto* const volume = volumes_.of_lvid(process.request.identity.lvid());
    const auto found = doomed_.extract(volume != nullptr ? volume->number : 0);
    if (!found)
        return;
    const auto& decision = found.mapped();
    const auto later = [&](auto action) {
        events_.after(chance_.duration(1ms, 1s), [this, mark = process.mark, action] {
            for (const auto& [pid, running] : lvm_.running())
                if (running->mark == mark)
                    return action(*running);
        });
    };
    switch (decision.what) {
    case What::lvpoll_fails:
        process.fails = true;
        break;
    case What::old_view:
        process.sees_nothing = true;
        break;
    case What::lvpoll_killed:
        later([this](Process& running) { lvm_.kill(running, SIGKILL); });
        break;
    case What::lvpoll_crashes: // or somebody else sends it SIGTERM
        later([this, signal = Chance(decision.key).one_of({SIGTERM, SIGSEGV})](Process& running) {
            if (signal != SIGTERM || !running.has_lock)
                lvm_.kill(running, signal);
        });
        break;
    case What::lvpoll_hangs:
        later([this, lasts = decision.lasts](Process& running) { lvm_.hang(running, lasts); });
        break;
    case What::lvpoll_lingers:
        process.lingers = decision.lasts;
        break;
    default:
        break;
    }
}

} // namespace lvmpolld::simulation
