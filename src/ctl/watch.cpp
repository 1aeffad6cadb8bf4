// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/bars.h"
#include "ctl/operations_json.h"
#include "ctl/output.h"
#include "ctl/screen.h"
#include "ctl/verbs.h"
#include "ctl/waiting.h"
#include "overview/moment.h"

#include <functional>
#include <map>

namespace lvmpolld::ctl {

namespace {

using overview::Entry;

/// Lines for those that read no terminal: each change that is news.
class News {
public:
    explicit News(bool json) : json_(json) {}

    void tell(const std::vector<Entry>& entries) {
        const auto now = overview::Moment::now().wall;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto [known, is_new] = told_.try_emplace(i, entries[i]);
            const bool changed =
                json_ ? !(known->second == entries[i]) : is_news(known->second, entries[i]);
            if (!is_new && !changed)
                continue;
            known->second = entries[i];
            print(json_ ? operation_json(entries[i]) : progress_line(entries[i], now) + "\n");
        }
    }

private:
    const bool json_;
    std::map<std::size_t, Entry> told_;
};

} // namespace

int run_watch(const Command& command) {
    Pursuit pursuit(selection_of(command), Pursuit::Newcomers::followed,
                    overview::Moment::now().wall);
    Events events;
    const auto style = style_of_output(command.colour);
    const bool live = !command.json && Terminal::of_output().is_one;
    Screen screen;
    News news(command.json);
    const auto followed = follow(command.paths, pursuit, events, deadline_of(command), [&] {
        if (!live)
            return news.tell(pursuit.entries());
        const auto terminal = Terminal::of_output();
        const auto rows = std::max<std::size_t>(terminal.rows, 2) - 1;
        print(screen.frame(
            bars(pursuit.entries(), overview::Moment::now().wall, terminal.columns, rows, style),
            terminal.columns));
    });
    if (live)
        for (const auto& entry : pursuit.entries())
            if (has_failed(entry))
                complain(ended_line(entry));
    return exit_code_of(followed, pursuit, command);
}

} // namespace lvmpolld::ctl
