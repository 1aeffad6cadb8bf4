// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm.h"

#include <signal.h>

#include <algorithm>

namespace lvmpolld::simulation {

namespace {

using namespace std::chrono_literals;

constexpr int failed_command = 5;

std::string text_of_end(const ExitStatus& status) {
    if (const auto* exited = std::get_if<Exited>(&status))
        return "exits " + std::to_string(exited->code);
    return "dies of signal " + std::to_string(std::get<Killed>(status).signal);
}

} // namespace

std::string describe(const Process& process) {
    return "lvpoll[" + std::to_string(process.pid) + "]" +
           (process.request.abort ? " --abort" : "") + " of " + process.vg + "/" + process.lv;
}

std::shared_ptr<Process> Lvm::start(Process what) {
    const auto process = std::make_shared<Process>(std::move(what));
    process->pid = ++last_pid_;
    process->chance = chance_.with(static_cast<std::uint64_t>(process->pid));
    process->started = now();
    running_.emplace(process->pid, process);
    trace_.say(describe(*process) + " starts" +
               (process->mark.empty() ? ", not the daemon's" : ""));
    const auto startup = process->chance.happens(0.05) ? process->chance.duration(1s, 40s)
                                                       : process->chance.duration(5ms, 500ms);
    plan(process, startup, [this, process] {
        if (process->wait_first)
            sleep(process);
        else
            look(process);
    });
    return process;
}

void Lvm::plan(const Running& process, Duration delay, std::function<void()> next) {
    const auto turn = ++process->turn;
    events_.after(delay, [process, turn, next = std::move(next)] {
        if (process->turn == turn && !process->status)
            next();
    });
}

void Lvm::look(const Running& process) {
    process->waits_for_lock = true;
    ++process->turn;
    take_lock(process->vg, process->pid, [this, process] {
        process->waits_for_lock = false;
        process->has_lock = true;
        const auto* const volume = volumes_.of_name(process->vg, process->lv);
        process->found = volume != nullptr ? volume->job : nullptr;
        if (process->deaf)
            return;
        plan(process, process->chance.duration(2ms, 300ms),
             [this, process] { look_with_lock(process); });
    });
    if (process->waits_for_lock)
        waits(process);
}

void Lvm::look_with_lock(const Running& process) {
    auto* const volume = volumes_.of_name(process->vg, process->lv);
    // It has read the metadata by then. Whoever changes them waits for the lock; decisions that
    // do not are not seen.
    const bool same = volume != nullptr && volume->job == process->found;
    const bool seen = same && !process->sees_nothing && !is_hidden(process->vg);
    if (process->fails) {
        release(process);
        if (!process->is_over())
            end(process, Exited{failed_command});
    } else if (!seen || !volume->is_unfinished()) {
        release(process);
        if (!process->is_over())
            end(process, Exited{0});
    } else {
        act(process, *volume);
    }
}

void Lvm::act(const Running& process, Volume& volume) {
    auto& job = *volume.job;
    const bool aborts = process->request.abort && job.type == OperationType::pvmove;
    if (job.failed || process->request.type != job.type) { // it says so
        release(process);
        if (!process->is_over())
            end(process, Exited{failed_command});
        return;
    }
    if (!aborts && !job.complete) {
        release(process);
        if (!process->is_over())
            sleep(process);
        return;
    }
    plan(process, process->chance.duration(5ms, 1s), [this, process, &volume, &job, aborts] {
        if (volume.job.get() == &job && volume.is_unfinished() && (aborts || job.complete)) {
            committing(*process, volume);
            if (aborts)
                volumes_.abort(volume);
            else
                volumes_.commit(volume);
        }
        release(process);
        if (process->is_over())
            return;
        if (volume.is_unfinished() && volume.job.get() == &job)
            sleep(process);
        else
            end(process, Exited{0});
    });
}

void Lvm::sleep(const Running& process) {
    plan(process, std::max<Duration>(process->interval, 100ms), [this, process] { look(process); });
}

void Lvm::release(const Running& process) {
    process->has_lock = false;
    release_lock(process->vg, process->pid);
    if (process->terminated && !process->deaf)
        end(process, Exited{failed_command});
}

void Lvm::take_lock(const std::string& vg, pid_t pid, std::function<void()> taken) {
    auto& lock = locks_[vg];
    if (lock.holder == 0) {
        lock.holder = pid;
        taken();
    } else {
        lock.waiters.push_back({pid, now(), std::move(taken)});
    }
}

void Lvm::release_lock(const std::string& vg, pid_t pid) {
    auto& lock = locks_[vg];
    if (lock.holder != pid)
        return;
    lock.holder = 0;
    if (lock.waiters.empty())
        return;
    auto next = std::move(lock.waiters.front());
    lock.waiters.pop_front();
    longest_wait_ = std::max<Duration>(longest_wait_, now() - next.since);
    lock.holder = next.pid;
    next.taken();
}

void Lvm::hold_lock(const std::string& vg, Duration duration) {
    const auto pid = ++last_pid_;
    trace_.say("vgcreate[" + std::to_string(pid) + "] wants the lock of " + vg);
    take_lock(vg, pid, [this, vg, pid, duration] {
        trace_.say("vgcreate[" + std::to_string(pid) + "] has the lock of " + vg);
        events_.after(duration, [this, vg, pid] { release_lock(vg, pid); });
    });
}

std::optional<pid_t> Lvm::lock_holder_for(pid_t waiter) const {
    for (const auto& [vg, lock] : locks_)
        if (std::ranges::count(lock.waiters, waiter, &Lock::Waiter::pid) > 0)
            return lock.holder;
    return std::nullopt;
}

void Lvm::terminate(Process& process) {
    if (process.status)
        return;
    trace_.say(describe(process) + " is sent SIGTERM");
    if (!process.terminated)
        process.terminated = now();
    if (process.has_lock || process.deaf)
        return;
    const auto self = running_.at(process.pid);
    if (process.left)
        return plan(self, process.chance.duration(1ms, 50ms),
                    [this, self] { end(self, *self->left); });
    events_.after(process.chance.duration(1ms, 50ms), [this, self] {
        if (self->is_over() || self->has_lock || self->deaf)
            return;
        if (self->chance.happens(0.5))
            end(self, Killed{SIGTERM});
        else
            end(self, Exited{failed_command});
    });
}

void Lvm::kill(Process& process, int signal) {
    if (!process.status)
        end(running_.at(process.pid), Killed{signal});
}

void Lvm::hang(Process& process, Duration duration) {
    if (process.is_over() || process.deaf)
        return;
    trace_.say(describe(process) + " hangs");
    process.deaf = true;
    const auto self = running_.at(process.pid);
    plan(self, duration, [this, self] {
        self->deaf = false;
        if (self->terminated)
            end(self, Exited{failed_command});
        else if (self->has_lock)
            look_with_lock(self);
        else if (!self->waits_for_lock)
            look(self);
    });
}

void Lvm::give_up_locks(Process& process) {
    for (auto& [vg, lock] : locks_)
        std::erase_if(lock.waiters, [&](const auto& each) { return each.pid == process.pid; });
    if (std::exchange(process.has_lock, false))
        release_lock(process.vg, process.pid);
}

void Lvm::end(Running process, ExitStatus status) { // a copy: it leaves the map
    ++process->turn;
    give_up_locks(*process);
    if (const auto stay = std::exchange(process->lingers, {}); stay > Duration::zero()) {
        trace_.say(describe(*process) + " " + text_of_end(status) + ", and a child of it stays");
        process->waits_for_lock = false;
        process->left = status;
        return plan(process, stay, [this, process] { end(process, *process->left); });
    }
    process->status = status;
    running_.erase(process->pid);
    trace_.say(describe(*process) + " " + text_of_end(status));
    const bool by_itself = !process->terminated || (status != ExitStatus(Exited{failed_command}) &&
                                                    status != ExitStatus(Killed{SIGTERM}));
    if (status == ExitStatus(Exited{0}))
        succeeded(*process);
    else if (by_itself)
        failed(*process);
    if (process->ended)
        events_.after(process->chance.duration(100us, 20ms), [process] {
            if (process->ended)
                process->ended();
        });
}

} // namespace lvmpolld::simulation
