// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/abort_decision.h"
#include "ctl/operations_json.h"
#include "ctl/output.h"
#include "ctl/programs.h"
#include "ctl/units.h"
#include "ctl/verbs.h"

namespace lvmpolld::ctl {

int run_abort(const Command& command) {
    const auto decision = decide_abort(open_source(command.paths)->list(), selection_of(command),
                                       command.whats.front());
    if (!decision.refusal.empty())
        throw Refused(decision.refusal, decision.nothing_such ? exit_nothing : exit_failed);
    // Standard output is for JSON alone, if that is wanted.
    if (!command.json)
        print("lvm pvmove --abort " + harmless(decision.physical_volume) + "\n");
    const std::vector<std::string> arguments{command.lvm, "pvmove", "--abort",
                                             decision.physical_volume};
    const int status = command.json
                           ? run_program({"/bin/sh", "-c", "exec \"$@\" >&2", "sh", arguments[0],
                                          arguments[1], arguments[2], arguments[3]})
                           : run_program(arguments);
    if (command.json)
        print(operation_json(decision.move));
    if (status != 0)
        throw Refused("lvm pvmove --abort " + decision.physical_volume + " ended with " +
                      std::to_string(status));
    return exit_done;
}

} // namespace lvmpolld::ctl
