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

/// Where lvm looks for the daemon (lvm2's compiled-in paths), and what stands beside it.
inline constexpr auto default_socket = "/run/lvm/lvmpolld.socket";
inline constexpr auto default_varlink_socket = "/run/lvm/io.lvmpolld";
inline constexpr auto default_pidfile = "/run/lvmpolld.pid";

/// What the daemon is to do: from the command line, environment variables, and lvmpolld.conf.
struct Options {
    enum class Action { serve, show_help, show_version, dump, check_config };
    enum class Engine {
        watch,    ///< the kernel is watched, lvpoll is recalled when there is something to commit
        resident, ///< an lvpoll watches each operation, as in the classical daemon
    };
    enum class Hangup { stop, reload }; ///< what SIGHUP means

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
    Hangup hangup = Hangup::stop;
    std::chrono::seconds watchdog{180}; ///< 0: none
    std::string settings_file;          ///< empty: none
};

struct SettingsFile;

/// A command line that can't be used; the text says why.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the command line; where it says nothing an environment variable holds, then `file`, then
/// the default. Throws UsageError.
Options parse_options(int argc, char** argv, const SettingsFile& file);
Options parse_options(int argc, char** argv);

/// What `-h` prints.
std::string help_text(const std::string& program);

/// What `-V` prints.
std::string version_text();

} // namespace lvmpolld
