// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "operation/store.h"
#include "trust/verify.h"

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>

namespace lvmpolld {

/// The command line and the environment variables that stand in for it.
struct Options {
    enum class Action { serve, show_help, show_version, dump };
    enum class Engine {
        watch,    ///< the kernel is watched, lvpoll is recalled when there is something to commit
        resident, ///< an lvpoll watches each operation, as in the classical daemon
    };

    Action action = Action::serve;
    bool foreground = false;
    std::set<LogLevel> log_levels; ///< what `-l` adds to what stderr gets anyway
    bool verbose_lvm = false;      ///< `-l` names `cmd`: lvm tells what it does, too
    std::string pidfile;
    std::string socket;
    std::string varlink_socket; ///< empty: none
    std::string lvm;
    std::chrono::seconds idle_exit{0}; ///< 0: never
    Retention retention;
    Engine engine = Engine::watch;
    Verify verify = Verify::suspect;
    bool adopt = false;          ///< take up copies that nobody polls
    std::string state_directory; ///< empty: operations are not written down
};

/// A command line that can't be used; the text says why.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the command line. Throws UsageError.
Options parse_options(int argc, char** argv);

/// What `-h` prints.
std::string help_text(const std::string& program);

/// What `-V` prints.
std::string version_text();

} // namespace lvmpolld
