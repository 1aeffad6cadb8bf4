// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the decisions of a scenario come true that concern what is asked of volumes and done to them.
#include "engine/kernel_watch.h"
#include "operation/operation.h"
#include "world.h"

#include <sys/sysmacros.h>

#include <memory>
#include <utility>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

/// LVs that take another's name are numbered from here.
constexpr unsigned first_successor = 1000;

/// From the creation of an LV to the copy, by one command of lvm or two, which have the VG's lock.
/// An event is heard sooner.
constexpr Duration command_pause = KernelWatch::longest_pause + 10ms;

} // namespace

void World::activate_again(unsigned number, Duration delay) {
    events_.after(delay, [this, number] {
        auto& volume = *volumes_.of_number(number);
        if (volume.exists && !volume.active)
            volumes_.activate(volume);
    });
}

void World::copy_successor(Volume& successor, OperationType type, Chance chance) {
    if (peace_)
        return;
    volumes_.begin(successor, make_job(type, chance));
    bad_region(successor, chance, true);
    if (chance.happens(0.5))
        ask(successor, chance, false);
    if (chance.happens(0.3)) // it is small
        finish_within(successor, chance.duration(1ms, 5s));
}

bool World::perform_on_volume(const Decision& decision, Volume& volume, Chance chance) {
    switch (decision.what) {
    case What::client:
        if (chance.happens(0.4))
            asks_at_commit_.emplace(volume.number, chance);
        else
            ask(volume, chance, false);
        return true;
    case What::insistent_client:
        ask(volume, chance, false, Habit::insistent);
        return true;
    case What::two_minded_client:
        if (volume.job->type == OperationType::pvmove)
            ask(volume, chance, false, Habit::two_minded);
        return true;
    case What::garbled_client: // an abort's interval means nothing
        if (volume.job->type == OperationType::pvmove)
            ask(volume, chance, true, Habit::garbled);
        return true;
    case What::done_at_arming:
        done_at_arming_.insert(volume.number);
        return true;
    case What::mistaken_client:
        mistake(volume, chance);
        return true;
    case What::abort:
        if (volume.job->type == OperationType::pvmove)
            ask(volume, chance, true);
        return true;
    case What::rename:
        if (volume.exists && volume.job->type != OperationType::pvmove)
            volumes_.rename(volume, volume.lv + "n");
        return true;
    case What::deactivate:
        if (!volume.exists || !volume.active)
            return true;
        volumes_.deactivate(volume);
        activate_again(volume.number, decision.lasts);
        if (chance.happens(0.5)) // as --poll y does
            events_.after(decision.lasts + 10ms, [this, number = volume.number, chance] {
                ask(*volumes_.of_number(number), chance, false);
            });
        return true;
    case What::remove:
        if (volume.exists)
            volumes_.remove(volume);
        return true;
    case What::recreate: {
        if (volume.exists)
            volumes_.remove(volume);
        const auto number = first_successor + volume.number;
        if (volumes_.of_number(number) != nullptr ||
            volumes_.of_name(volume.vg, volume.lv) != nullptr)
            return true;
        volumes_.add(number, volume.vg, volume.lv);
        events_.after(command_pause, [this, number, type = volume.job->type, chance] {
            copy_successor(*volumes_.of_number(number), type, chance);
        });
        return true;
    }
    case What::take_name: {
        if (!volume.exists || volume.job->type == OperationType::pvmove)
            return true;
        const auto name = volume.lv;
        volumes_.rename(volume, name + "o");
        if (const auto number = first_successor + volume.number;
            volumes_.of_number(number) == nullptr)
            volumes_.add(number, volume.vg, name);
        return true;
    }
    case What::hold_device:
        volume.is_held = true;
        return true;
    case What::replace_leg:
        if (volume.copies_mirror())
            volumes_.replace_leg(volume, makedev(8, chance.between(16, 31)));
        return true;
    default:
        return false;
    }
}

/// Somebody takes the copy for another kind of copy while it is polled.
void World::mistake(const Volume& volume, Chance chance) {
    const Identity identity(volume.lvid);
    const auto operation = daemon_ ? daemon_->store(false).find(identity.text()) : nullptr;
    if (!operation || operation->snapshot().result)
        return;
    auto request = operation->request();
    request.type =
        request.type == OperationType::merge ? OperationType::convert : OperationType::merge;
    clients_.push_back(std::make_unique<Client>(*this, std::move(request), Manner{}, chance));
    clients_.back()->begin();
}

/// All copies are nearly done: they want their turns at the same time.
void World::rush(Chance chance) {
    for (const auto& [number, volume] : volumes_.all()) {
        if (!volume->is_unfinished() || volume->job->complete || volume->job->dead)
            continue;
        finish_within(*volume, chance.duration(1ms, 1s));
    }
}

void World::finish_within(Volume& volume, Duration duration) {
    const auto left = std::chrono::duration<double>(duration).count();
    volume.job->stalled_until = now();
    volumes_.set_rate(volume, static_cast<double>(volume.job->segment().length) / left);
}

/// The daemon begins to listen to events: what is done just now has told nobody else.
void World::armed() {
    for (const auto number : std::exchange(done_at_arming_, {})) {
        auto& volume = *volumes_.of_number(number);
        if (volume.is_unfinished() && !volume.job->complete && !volume.job->dead)
            volumes_.finish_segment(volume);
    }
}

/// Its comparison is about to end: somebody else does something to the mirror just before.
void World::change_mirror(Volume& volume, Chance chance) {
    trace_.say("the mirror of " + volume.name() + " changes while it is compared");
    const bool moves = volume.job->type == OperationType::pvmove;
    switch (chance.below(3)) {
    case 0:
        return volumes_.replace_leg(volume, makedev(8, chance.between(16, 31)));
    case 1:
        if (moves)
            return volumes_.abort(volume);
        [[fallthrough]];
    default:
        volumes_.deactivate(volume);
        activate_again(volume.number, chance.duration(1ms, 1min));
    }
}

} // namespace lvmpolld::simulation
