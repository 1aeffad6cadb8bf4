// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/host_facts.h"
#include "ctl/output.h"
#include "ctl/verbs.h"

namespace lvmpolld::ctl {

int run_doctor(const Command& command) {
    const auto findings = diagnose(host_facts(command));
    print(command.json ? findings_json(findings)
                       : findings_text(findings, style_of_output(command.colour)));
    return has_problem(findings) ? exit_failed : exit_done;
}

} // namespace lvmpolld::ctl
