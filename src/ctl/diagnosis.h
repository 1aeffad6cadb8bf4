// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/state_facts.h"
#include "ctl/words.h"
#include "overview/entry.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// The daemon that runs.
struct DaemonFacts {
    enum class Kind { ours, ours_without_varlink, another, deaf };

    pid_t pid = 0; ///< 0: in another PID namespace
    Kind kind = Kind::ours;
    std::string program{}; ///< path; empty: not known
    std::string version{}; ///< likewise
    std::string engine{};  ///< likewise
    std::string trouble{}; ///< with its state directory; empty: none
};

/// What doctor has found out; an absent optional: it could not.
struct HostFacts {
    std::optional<bool> lvm_uses_daemon{};
    std::optional<std::string> socket_unit{}; ///< "active", "inactive"; absent: no systemd
    bool has_socket = false;
    std::string socket{}; ///< its path
    std::optional<DaemonFacts> daemon{};
    std::optional<StateFacts> state{};
    std::string kernel_trouble{}; ///< device-mapper cannot be asked
    std::vector<overview::Entry> entries{};
};

/// One line of what doctor says.
struct Finding {
    enum class Mark { ok, warning, problem };

    Mark mark = Mark::ok;
    std::string name{};
    std::string text{};
    std::string remedy{}; ///< the way out; empty: there is nothing to do
};

/// Pure, as are the others.
std::vector<Finding> diagnose(const HostFacts& facts);
std::string findings_text(const std::vector<Finding>& findings, const Style& style);
std::string findings_json(const std::vector<Finding>& findings);

/// Whether any is a problem.
bool has_problem(const std::vector<Finding>& findings);

} // namespace lvmpolld::ctl
