// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/selection.h"
#include "ctl/source.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

enum ExitCode : int {
    exit_done = 0,
    exit_failed = 1,
    exit_usage = 2,
    exit_nothing = 3,
    exit_timeout = 124,
    exit_interrupted = 130,
};

enum class Verb { list, watch, wait, show, abort, throttle, doctor, metrics, report };

/// What the command line says.
struct Command {
    Verb verb = Verb::list;
    std::vector<std::string> whats{};
    std::vector<overview::Kind> kinds{};
    std::optional<std::chrono::seconds> timeout{};
    std::optional<unsigned> percent{}; ///< 1 to 100
    std::string textfile{};            ///< empty: standard output
    std::string file{};                ///< of a report; empty: a new one, "-": standard output
    bool anonymous = false;
    bool quiet = false;
    bool json = false;
    std::optional<bool> colour{}; ///< absent: as the terminal and NO_COLOR want
    Paths paths{};
    std::string lvm{};
};

/// It cannot be done; the text names the thing and the way out. It ends the program with `code`.
struct Refused : std::runtime_error {
    explicit Refused(const std::string& text, ExitCode code_in = exit_failed)
        : std::runtime_error(text), code(code_in) {}

    ExitCode code;
};

/// Nothing if all is done already: help or version was shown, or the mistake; then `code` is the
/// exit status.
std::optional<Command> parse_command(int argc, const char* const* argv, int& code);

/// The devices that are named are looked up. Throws Refused.
Selection selection_of(const Command& command);

} // namespace lvmpolld::ctl
