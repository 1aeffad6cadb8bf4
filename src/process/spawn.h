// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace lvmpolld {

/// A program with its arguments (the first is the program's path) and its whole environment.
struct Command {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    /// What its standard error holds while nobody reads it, where the system allows that; 0: the
    /// system's default, 64 KiB.
    int error_bytes = 0;
};

/// A child that runs, with the reading ends of its standard output and error (non-blocking).
struct SpawnedProcess {
    pid_t pid;
    FileDescriptor pidfd;
    FileDescriptor output;
    FileDescriptor error;
};

/// Why there is no child.
struct SpawnFailure {
    enum class Stage {
        redirect, ///< no pipe or no /dev/null
        execute,  ///< no process, or the program can't be run
    };
    Stage stage;
    int code;        ///< errno
    pid_t left = -1; ///< a child that was started, can't be watched and does not end
};

/// Makes every descriptor from 3 up close at an exec: what the daemon's starter has left open isn't
/// the children's. Before any thread.
void close_descriptors_on_exec() noexcept;

/// Starts `command` with /dev/null as standard input and pipes as standard output and error, no
/// signal blocked, and every signal at its default but SIGPIPE, which is ignored. The address space
/// is not copied (posix_spawn). The caller's RLIMIT_NOFILE is replaced by `descriptor_limit` if
/// that isn't 0.
std::variant<SpawnedProcess, SpawnFailure> spawn(const Command& command,
                                                 rlim_t descriptor_limit = 0);

/// How long reap_unwatched() waits.
inline constexpr std::chrono::milliseconds unwatched_patience{1000};

/// Ends a child that has just been started and can't be watched, and reaps it. Nothing has been
/// asked of it yet, and lvm does nothing irreversible before it defers signals. `end` is what shows
/// its end: its pidfd or the reading end of its output. False if it lives on after `patience`, as a
/// program that can't be read from a hung disk does; then it is left alone.
bool reap_unwatched(pid_t pid, pollfd end, std::chrono::milliseconds patience = unwatched_patience);

/// The same with a pidfd of its own.
bool reap_unwatched(pid_t pid);

} // namespace lvmpolld
