// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/details.h"
#include "ctl/operations_json.h"
#include "ctl/output.h"
#include "ctl/verbs.h"
#include "overview/moment.h"

#include <algorithm>
#include <vector>

namespace lvmpolld::ctl {

int run_show(const Command& command) {
    const auto selection = selection_of(command);
    const auto source = open_source(command.paths);
    auto entries = source->list();
    std::erase_if(entries, [&](const overview::Entry& each) { return !selection.matches(each); });
    // Results only of what was meant by name, or where there is nothing else.
    const bool any_under_way =
        std::ranges::any_of(entries, [](const overview::Entry& each) { return !each.is_over(); });
    if (any_under_way)
        std::erase_if(entries, [](const overview::Entry& each) { return each.is_over(); });
    else if (entries.size() > 1)
        entries.erase(entries.begin(), entries.end() - 1); // the last one to begin
    if (entries.empty())
        throw Refused("nothing long is known of '" + command.whats.front() +
                          "'; 'lvmpollctl' lists what is under way",
                      exit_nothing);
    const auto style = style_of_output(command.colour);
    const auto now = overview::Moment::now().wall;
    std::string text;
    for (const auto& entry : entries) {
        if (command.json)
            text += operation_json(entry);
        else
            text += (text.empty() ? "" : "\n") + details(entry, now, style);
    }
    print(text);
    if (const auto remark = source->remark(); !remark.empty() && !command.json)
        print("\n" + remark + "\n");
    return exit_done;
}

} // namespace lvmpolld::ctl
