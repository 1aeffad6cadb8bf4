// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/child_launcher.h"

#include "lvpoll/surviving_lvpoll.h"
#include "operation/record.h"
#include "process/child.h"

#include <algorithm>
#include <array>
#include <new>

namespace lvmpolld {

namespace {

/// What lvpoll prints because it was sent SIGTERM in its sleep (lvm2, tools/polldaemon.c).
bool is_of_interruption(std::string_view line) {
    return line.find("Interrupted") != line.npos || line.find("Polling interrupted") != line.npos;
}

class ChildLvPoll : public LvPoll {
public:
    ChildLvPoll(Children& children, SpawnedProcess process, Log& log, std::function<void()> ended)
        : ended_(std::move(ended)), output_(std::make_shared<Output>(log, process.pid)),
          child_(
              children, std::move(process),
              [output = output_](Child::Stream stream, std::string_view line) { output->add(stream, line); },
              [this](ExitStatus status) {
                  status_ = status;
                  ended_();
              }) {}

    pid_t pid() const noexcept override { return child_.pid(); }

    std::optional<ExitStatus> status() const noexcept override { return status_; }

    void terminate() noexcept override {
        output_->retired = true;
        child_.terminate();
    }

    std::string last_error() const override {
        return output_->last_error ? *output_->last_error : std::string();
    }

private:
    /// Outlives the LvPoll while a grandchild writes on.
    struct Output {
        Output(Log& to, pid_t child) : log(to), pid(child) {}

        void add(Child::Stream stream, std::string_view line) {
            const bool error = stream == Child::Stream::error;
            if (error)
                last_error = std::make_unique<std::string>(line);
            const auto level = !error                                ? LogLevel::info
                               : retired && is_of_interruption(line) ? LogLevel::debug
                                                                     : LogLevel::warning;
            if (!log.enabled(level))
                return;
            std::string message = "lvpoll[" + std::to_string(pid) + (error ? "] stderr: " : "]: ");
            log.write(level, message.append(line));
        }

        Log& log;
        const pid_t pid;
        bool retired = false;
        std::unique_ptr<std::string> last_error;
    };

    std::optional<ExitStatus> status_;
    std::function<void()> ended_;
    std::shared_ptr<Output> output_;
    Child child_;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text.append(text.empty() ? "" : " ").append(word);
    return text;
}

} // namespace

std::vector<std::string> child_environment(const char* const* environment) {
    static constexpr std::array<std::string_view, 9> left_out = {
        "LC_ALL=",        "LVM_SYSTEM_DIR=", "LISTEN_",  "NOTIFY_SOCKET=",     "WATCHDOG_",
        "SD_ACTIVATION=", "FDSTORE=",        "MAINPID=", "LVMPOLLD_OPERATION="};
    std::vector<std::string> result;
    for (; *environment != nullptr; ++environment) {
        const std::string_view variable = *environment;
        if (std::none_of(left_out.begin(), left_out.end(),
                         [&](auto prefix) { return variable.starts_with(prefix); }))
            result.emplace_back(variable);
    }
    result.emplace_back("LC_ALL=C");
    return result;
}

Command lvpoll_command(const LvPollSettings& settings, const LvPollTask& task) {
    const auto& request = task.request;
    Command command{{settings.lvm, "lvpoll", "--interval", std::string(task.interval)},
                    child_environment(settings.environment)};
    auto& arguments = command.arguments;
    if (request.abort)
        arguments.emplace_back("--abort");
    if (request.handle_missing_pvs)
        arguments.emplace_back("--handlemissingpvs");
    arguments.emplace_back("--polloperation");
    arguments.emplace_back(name(request.type));
    arguments.push_back(std::string(task.vgname) + "/" + std::string(task.lvname));
    arguments.emplace_back("-An");
    if (settings.verbose)
        arguments.emplace_back("-vvvv");
    if (request.devicesfile) {
        arguments.emplace_back("--devicesfile");
        arguments.push_back(*request.devicesfile);
    }
    if (const auto sysdir = request.identity.sysdir())
        command.environment.push_back(std::string("LVM_SYSTEM_DIR=").append(*sysdir));
    if (!settings.state_directory.empty())
        command.environment.push_back(std::string(operation_mark) + "=" + settings.state_directory + "/" +
                                      record_name(request.abort, task.record_number));
    return command;
}

std::unique_ptr<LvPoll> ChildLauncher::rejoin(Survivor survivor, std::function<void()> ended) {
    return std::make_unique<SurvivingLvPoll>(executor_, std::move(survivor), std::move(ended));
}

LvPollLauncher::Launched ChildLauncher::launch(const LvPollTask& task, std::function<void()> ended) {
    const auto command = lvpoll_command(settings_, task);
    auto spawned = spawn(command, settings_.descriptor_limit);
    if (const auto* failure = std::get_if<SpawnFailure>(&spawned))
        return *failure;
    auto& process = std::get<SpawnedProcess>(spawned);
    if (log_.enabled(LogLevel::command))
        log_.write(LogLevel::command,
                   "lvpoll[" + std::to_string(process.pid) + "] started: " + joined(command.arguments));
    const pid_t pid = process.pid;
    try {
        return std::make_unique<ChildLvPoll>(children_, std::move(process), log_, std::move(ended));
    } catch (const std::system_error& error) {
        reap_unwatched(pid);
        return SpawnFailure{SpawnFailure::Stage::redirect, error.code().value()};
    } catch (const std::bad_alloc&) {
        reap_unwatched(pid);
        return SpawnFailure{SpawnFailure::Stage::redirect, ENOMEM};
    }
}

} // namespace lvmpolld
