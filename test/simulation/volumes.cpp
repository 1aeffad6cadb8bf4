// SPDX-License-Identifier: LGPL-2.1-or-later
#include "volumes.h"

#include <algorithm>
#include <cmath>

namespace lvmpolld::simulation {

namespace {

std::string lvid_of(unsigned number) {
    auto text = std::string(64, 'a');
    for (auto digit = text.rbegin(); number > 0; ++digit, number /= 10)
        *digit = static_cast<char>('0' + number % 10);
    return text;
}

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

Volume& Volumes::add(unsigned number, std::string vg, std::string lv) {
    auto& volume = volumes_[number];
    volume = std::make_unique<Volume>();
    volume->number = number;
    volume->lvid = lvid_of(number + 1);
    volume->vg = std::move(vg);
    volume->lv = std::move(lv);
    created(*volume);
    raised(*volume);
    return *volume;
}

Volume* Volumes::of_number(unsigned number) {
    const auto found = volumes_.find(number);
    return found == volumes_.end() ? nullptr : found->second.get();
}

Volume* Volumes::of_lvid(std::string_view lvid) {
    for (const auto& [number, volume] : volumes_)
        if (volume->lvid == lvid)
            return volume.get();
    return nullptr;
}

Volume* Volumes::of_name(std::string_view vg, std::string_view lv) {
    for (const auto& [number, volume] : volumes_)
        if (volume->exists && volume->vg == vg && volume->lv == lv)
            return volume.get();
    return nullptr;
}

void Volumes::begin(Volume& volume, std::shared_ptr<Job> job) {
    job->as_of = now();
    volume.job = std::move(job);
    trace_.say("the kernel begins to copy " + volume.name());
    foresee(volume);
}

std::uint64_t Volumes::copied(const Job& job) {
    const auto length = job.segments[job.current].length;
    if (job.complete)
        return length;
    const auto moving = now() - std::max(job.as_of, std::min(job.stalled_until, now()));
    const double sectors = job.copied + (job.dead ? 0 : job.rate * seconds(moving));
    return std::min(static_cast<std::uint64_t>(std::max(sectors, 0.0)), length - 1);
}

void Volumes::settle(Job& job) {
    job.copied = static_cast<double>(copied(job));
    job.as_of = now();
    ++job.changes;
}

void Volumes::foresee(Volume& volume) {
    auto& job = *volume.job;
    if (job.complete || job.dead || job.is_over() || !volume.active)
        return;
    const double left = static_cast<double>(job.segment().length) - job.copied;
    const auto moving = std::max(job.stalled_until, now());
    events_.at(moving + Duration(static_cast<Duration::rep>(left / job.rate * 1e9)),
               [this, &volume, job = volume.job, changes = job.changes] {
                   if (volume.job == job && job->changes == changes && !job->is_over())
                       complete(volume);
               });
}

void Volumes::set_rate(Volume& volume, double rate) {
    settle(*volume.job);
    volume.job->rate = rate;
    foresee(volume);
}

void Volumes::stall(Volume& volume, Duration duration) {
    settle(*volume.job);
    volume.job->stalled_until = now() + duration;
    foresee(volume);
}

void Volumes::complete(Volume& volume) {
    auto& job = *volume.job;
    job.complete = true;
    job.health = "AA";
    trace_.say("the kernel has copied a segment of " + volume.name() +
               (job.segment().differs ? ", badly" : ""));
    if (dm::kind_of(job.type).event_at_end)
        raise(volume);
    completed(volume);
}

void Volumes::finish_segment(Volume& volume) {
    settle(*volume.job);
    complete(volume);
}

void Volumes::corrupt(Volume& volume, bool told, bool letter) {
    auto& job = *volume.job;
    job.segment().differs = true;
    job.segment().told = told;
    trace_.say("a region of " + volume.name() + " is not copied");
    if (told && letter)
        job.health = "AS";
    if (told)
        raise(volume);
}

void Volumes::leg_dies(Volume& volume) {
    auto& job = *volume.job;
    settle(job);
    job.complete = false;
    job.copied = std::min(job.copied, static_cast<double>(job.segment().length) - 1);
    job.dead = true;
    job.health = "AD";
    trace_.say("a leg of " + volume.name() + " dies");
    raise(volume);
    died(volume);
}

void Volumes::fail(Volume& volume) {
    auto& job = *volume.job;
    settle(job);
    job.dead = job.failed = true;
    trace_.say("the merge of " + volume.name() + " fails");
    raise(volume);
}

void Volumes::commit(Volume& volume) {
    auto& job = *volume.job;
    if (job.current + 1 < job.segments.size()) {
        settle(job);
        ++job.current;
        job.complete = false;
        job.copied = 0;
        job.health = "AA";
        trace_.say("lvm commits a segment of " + volume.name());
        foresee(volume);
        raised(volume); // a table that is swapped does not change the event number
        return;
    }
    trace_.say("lvm commits the last segment of " + volume.name());
    job.layered = false;
    if (job.type == OperationType::pvmove)
        drop(volume);
    end(volume, Job::End::committed);
}

void Volumes::abort(Volume& volume) {
    trace_.say("lvm aborts the move of " + volume.name());
    drop(volume);
    end(volume, Job::End::aborted);
}

void Volumes::drop(Volume& volume) {
    volume.left_behind = volume.is_held;
    volume.exists = volume.is_held;
}

void Volumes::end(Volume& volume, Job::End how) {
    volume.job->end = how;
    volume.job->ended = now();
    if (!volume.exists)
        volume.last_inactive = now();
    if (volume.exists && !volume.queued.empty()) {
        auto next = std::move(volume.queued.front());
        volume.queued.pop_front();
        begin(volume, std::move(next));
    }
    raise(volume);
}

void Volumes::rename(Volume& volume, std::string lv) {
    trace_.say(volume.name() + " is renamed to " + lv);
    volume.lv = std::move(lv);
    raise(volume);
}

void Volumes::deactivate(Volume& volume) {
    trace_.say(volume.name() + " is deactivated");
    if (volume.job)
        settle(*volume.job);
    volume.active = false;
    volume.last_inactive = now();
    raise(volume);
}

void Volumes::activate(Volume& volume) {
    trace_.say(volume.name() + " is activated");
    volume.active = true;
    volume.last_inactive = now();
    if (volume.job && !volume.job->is_over()) { // its log is in memory: it is copied anew
        auto& job = *volume.job;
        settle(job);
        job.complete = job.dead = job.failed = false;
        job.copied = 0;
        job.health = "AA";
        if (dm::kind_of(job.type).comparable)
            job.segment().differs = job.segment().told = false;
        foresee(volume);
    }
    raise(volume);
}

void Volumes::remove(Volume& volume) {
    trace_.say(volume.name() + " is removed");
    volume.exists = false;
    volume.queued.clear();
    volume.last_inactive = now();
    if (volume.job->is_over())
        raise(volume);
    else
        end(volume, Job::End::lost);
}

void Volumes::replace_leg(Volume& volume, dev_t leg) {
    auto& job = *volume.job;
    settle(job);
    auto& segment = job.segment();
    segment.legs.back().device = leg;
    job.legs_changed = now();
    segment.differs = segment.told = segment.unreadable = false;
    job.complete = job.dead = job.failed = false;
    job.copied = 0;
    job.health = "AA";
    trace_.say("a leg of " + volume.name() + " is replaced");
    foresee(volume);
    raise(volume);
}

} // namespace lvmpolld::simulation
