// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/child_launcher.h"

#include "base/joined.h"
#include "base/limits.h"
#include "lvpoll/child_lvpoll.h"
#include "lvpoll/surviving_lvpoll.h"
#include "operation/record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

namespace lvmpolld {

namespace {

/// Such a program is run by its interpreter, and runs lvm itself as a child.
bool is_script(const std::string& program) {
    const FileDescriptor file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 2> beginning{};
    return file && ::read(file.get(), beginning.data(), beginning.size()) == 2 &&
           beginning[0] == '#' && beginning[1] == '!';
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

std::string mark_of(std::string_view prefix, const LvPollTask& task) {
    return std::string(prefix) + "/" + record_name(task.request.abort, task.record_number);
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
    if (settings.verbose) {
        arguments.emplace_back("-vvvv");
        command.error_bytes = limits::verbose_output_bytes;
    }
    if (request.devicesfile) {
        arguments.emplace_back("--devicesfile");
        arguments.push_back(*request.devicesfile);
    }
    if (const auto sysdir = request.identity.sysdir())
        command.environment.push_back(std::string("LVM_SYSTEM_DIR=").append(*sysdir));
    if (!settings.state_directory.empty())
        command.environment.push_back(std::string(operation_mark) + "=" +
                                      mark_of(settings.state_directory, task));
    return command;
}

std::unique_ptr<LvPoll> ChildLauncher::rejoin(Survivor survivor, std::function<void()> ended) {
    return std::make_unique<SurvivingLvPoll>(executor_, std::move(survivor), std::move(ended));
}

LvPollLauncher::Launched ChildLauncher::launch(const LvPollTask& task,
                                               std::function<void()> ended) {
    auto command = lvpoll_command(settings_, task);
    const bool script = is_script(settings_.lvm);
    auto mark =
        mark_of(settings_.state_directory.empty() ? own_mark_ : settings_.state_directory, task);
    if (script && settings_.state_directory.empty()) // else it is there
        command.environment.push_back(std::string(operation_mark) + "=" + mark);
    auto memory_lock = lock_memory();
    auto spawned = spawn(command, settings_.descriptor_limit);
    if (const auto* failure = std::get_if<SpawnFailure>(&spawned)) {
        if (failure->left >= 0)
            warn_of_child_left(failure->left);
        return *failure;
    }
    auto& process = std::get<SpawnedProcess>(spawned);
    const pid_t pid = process.pid;
    int error = ENOMEM;
    try {
        if (log_.enabled(LogLevel::command))
            log_.write(LogLevel::command, "lvpoll[" + std::to_string(pid) +
                                              "] started: " + joined(command.arguments, " "));
        return std::make_unique<ChildLvPoll>(
            executor_, children_, std::move(process), task, LvPollMark{std::move(mark), script},
            std::move(memory_lock), log_, settings_.statistics, std::move(ended));
    } catch (const std::system_error& failure) {
        error = failure.code().value();
    } catch (const std::bad_alloc&) {
    }
    if (!reap_unwatched(pid))
        warn_of_child_left(pid);
    return SpawnFailure{SpawnFailure::Stage::redirect, error};
}

std::shared_ptr<MemoryLock> ChildLauncher::lock_memory() {
    auto lock = memory_lock_.lock();
    if (lock || !settings_.lock_memory)
        return lock;
    lock = std::make_shared<MemoryLock>();
    memory_lock_ = lock;
    if (lock->error() != 0 && !std::exchange(warned_, true))
        log_.write(LogLevel::warning,
                   std::string("lvmpolld can't be kept in memory while lvpoll runs: ") +
                       std::strerror(lock->error()) +
                       ". To move the disk of its program, or of the swap, may hang; the daemon"
                       " needs CAP_IPC_LOCK, or a higher RLIMIT_MEMLOCK");
    return lock;
}

void ChildLauncher::warn_of_child_left(pid_t pid) const {
    log_.write(LogLevel::warning,
               "lvpoll[" + std::to_string(pid) +
                   "] can't be watched and does not end when asked to: it is left alone");
}

} // namespace lvmpolld
