// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/operations_json.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "overview/moment.h"

#include <vector>

namespace lvmpolld::ctl {

int run_list(const Command& command) {
    const auto selection = selection_of(command);
    const auto source = open_source(command.paths);
    auto entries = source->list();
    std::erase_if(entries, [&](const overview::Entry& entry) {
        return entry.is_over() || !selection.matches(entry);
    });
    if (command.json) {
        print(list_json(entries, source->teller(), source->remark()));
        return exit_done;
    }
    const bool all = selection.whats.empty() && selection.kinds.empty();
    const auto terminal = Terminal::of_output();
    if (entries.empty())
        print(all ? "Nothing long is under way.\n" : "Nothing such is under way.\n");
    else
        print(table(entries, overview::Moment::now().wall, terminal.is_one ? terminal.columns : 0,
                    style_of_output(command.colour)));
    if (const auto remark = source->remark(); !remark.empty())
        print((entries.empty() ? "" : "\n") + remark + "\n");
    return exit_done;
}

} // namespace lvmpolld::ctl
