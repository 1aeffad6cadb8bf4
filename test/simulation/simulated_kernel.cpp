// SPDX-License-Identifier: LGPL-2.1-or-later
#include "simulated_kernel.h"

#include "dm/name.h"
#include "memory.h"

#include <sys/eventfd.h>

#include <new>

namespace lvmpolld::simulation {

dm::Copy view_of(const Volume& volume) {
    const auto& job = *volume.job;
    const auto& segment = job.segments[job.current];
    const auto& last = job.segments.back();
    dm::Copy copy;
    copy.vg = volume.vg;
    copy.lv = volume.lv;
    copy.dm_name = dm::dm_name(volume.vg, volume.lv);
    copy.uuid = dm::dm_uuid(volume.lvid);
    copy.event_number = volume.events;
    copy.complete = job.complete;
    copy.failed = job.failed;
    if (job.type == OperationType::merge) {
        copy.total = segment.length - Volumes::copied(job);
        copy.target = dm::Merge{job.cow};
        return copy;
    }
    copy.segment_start = segment.start;
    copy.segment_length = segment.length;
    copy.copied = segment.start + Volumes::copied(job);
    copy.total = last.start + last.length;
    copy.target = dm::Mirror{.legs = segment.legs,
                             .health = job.health,
                             .layered = job.layered && job.complete,
                             .in_memory = true};
    return copy;
}

FileDescriptor SimulatedKernel::make_events() {
    FileDescriptor descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!descriptor)
        throw_errno("eventfd");
    return descriptor;
}

void SimulatedKernel::raise() {
    ::eventfd_write(events_.get(), 1);
}

void SimulatedKernel::answer() const {
    if (now() < faults_.fails_until)
        throw_errno("simulated device-mapper", ENOMEM);
    if (memory::lacks())
        throw std::bad_alloc();
}

void SimulatedKernel::arm() {
    answer();
    eventfd_t count = 0;
    ::eventfd_read(events_.get(), &count);
    armed_();
}

dm::View SimulatedKernel::look(std::string_view lvid, OperationType type) {
    looked_(lvid);
    answer();
    if (type == OperationType::merge_thin)
        return dm::Unwatchable{"the kernel doesn't show the progress of a thin merge"};
    const auto* const volume = volumes_.of_lvid(lvid);
    if (volume == nullptr || !volume->exists || !volume->active)
        return dm::Inactive{};
    if (now() < faults_.strange_until)
        return dm::Unwatchable{"unknown target: simulated"};
    const auto& job = volume->job;
    const bool stays = job && job->type == OperationType::convert;
    const bool merges = type == OperationType::merge;
    const bool asked = job && (merges ? job->type == type : dm::kind_of(job->type).comparable);
    if (!asked || (job->is_over() && !stays))
        return dm::NotCopying{volume->vg, volume->lv, volume->left_behind};
    return view_of(*volume);
}

std::optional<std::uint32_t> SimulatedKernel::event_number(std::string_view uuid) {
    answer();
    const auto lvid = dm::lvid_of_uuid(uuid);
    const auto* const volume = lvid ? volumes_.of_lvid(*lvid) : nullptr;
    if (volume == nullptr || !volume->exists || !volume->active)
        return std::nullopt;
    return volume->events;
}

std::optional<std::string> SimulatedKernel::lvid_of(std::string_view vg, std::string_view lv) {
    answer();
    const auto* const volume = volumes_.of_name(vg, lv);
    if (volume == nullptr || !volume->active)
        return std::nullopt;
    return volume->lvid;
}

std::vector<dm::ActiveLv> SimulatedKernel::active_lvs() {
    answer();
    std::vector<dm::ActiveLv> result;
    for (const auto& [number, volume] : volumes_.all())
        if (volume->exists && volume->active)
            result.push_back({volume->lvid, volume->vg, volume->lv});
    return result;
}

} // namespace lvmpolld::simulation
