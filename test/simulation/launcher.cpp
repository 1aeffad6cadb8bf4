// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher.h"

#include "memory.h"
#include "operation/record.h"

#include <signal.h>

namespace lvmpolld::simulation {

namespace {

/// A process as the daemon that waits for it has it.
class SimulatedLvPoll final : public LvPoll {
public:
    SimulatedLvPoll(Lvm& lvm, pid_t pid, std::shared_ptr<Process> process, bool survivor)
        : lvm_(lvm), pid_(pid), process_(std::move(process)), survivor_(survivor) {}

    ~SimulatedLvPoll() override {
        if (process_)
            process_->ended = nullptr;
    }

    SimulatedLvPoll(const SimulatedLvPoll&) = delete;
    SimulatedLvPoll& operator=(const SimulatedLvPoll&) = delete;

    pid_t pid() const noexcept override { return pid_; }

    std::optional<ExitStatus> status() const noexcept override {
        const bool over = !process_ || process_->status;
        return over && survivor_ ? ExitStatus(Killed{SIGTERM})
               : over            ? process_->status
                                 : std::nullopt;
    }

    void terminate() noexcept override {
        const memory::OfWorld world;
        if (process_)
            lvm_.terminate(*process_);
    }

    std::string last_error() const override {
        const memory::OfWorld world;
        const auto length = process_ ? process_->chance.with(1).one_of({9U, 0U, 2000U}) : 0U;
        return std::string(length, 'e');
    }

private:
    Lvm& lvm_;
    const pid_t pid_;
    const std::shared_ptr<Process> process_; ///< null: it was gone when it was to be waited for
    const bool survivor_;
};

} // namespace

LvPollLauncher::Launched Launcher::launch(const LvPollTask& task, std::function<void()> ended) {
    const memory::OfWorld world;
    const auto& request = task.request;
    const auto interval = Interval::parse(task.interval).value();
    Process process;
    process.mark = state_directory_ + "/" + record_name(request.abort, task.record_number);
    process.key = (request.abort ? "abort " : "poll ") + request.identity.text();
    process.request = request;
    process.vg = task.vgname;
    process.lv = task.lvname;
    process.interval = interval.seconds;
    process.wait_first = interval.wait_first;
    if (const auto failure = prepare_(process))
        return *failure;
    const auto started = lvm_.start(std::move(process));
    started->ended = [said = task.said, chance = started->chance.with(2),
                      ended = std::move(ended)]() mutable {
        for (auto lines = chance.one_of({0U, 1U, 20U}); lines > 0; --lines)
            said(std::string(chance.one_of({10U, 5000U}), 'e'));
        ended();
    };
    return std::make_unique<SimulatedLvPoll>(lvm_, started->pid, started, false);
}

std::unique_ptr<LvPoll> Launcher::rejoin(Survivor survivor, std::function<void()> ended) {
    const memory::OfWorld world;
    const auto found = lvm_.running().find(survivor.pid);
    std::shared_ptr<Process> process;
    if (found != lvm_.running().end()) {
        process = found->second;
        process->ended = std::move(ended);
    }
    return std::make_unique<SimulatedLvPoll>(lvm_, survivor.pid, std::move(process), true);
}

} // namespace lvmpolld::simulation
