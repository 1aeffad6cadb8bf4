// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/bars.h"
#include "ctl/events.h"
#include "ctl/follow.h"
#include "ctl/operations_json.h"
#include "ctl/output.h"
#include "ctl/pursuit.h"
#include "ctl/verbs.h"
#include "ctl/waiting.h"
#include "overview/moment.h"

namespace lvmpolld::ctl {

namespace {

/// Tells what is waited for, and of each that has ended, once.
class Progress {
public:
    explicit Progress(bool quiet) : quiet_(quiet) {}

    void tell(const std::vector<overview::Entry>& entries) {
        if (!std::exchange(begun_, true) && !quiet_)
            tell_begin(entries);
        told_.resize(entries.size());
        for (std::size_t i = 0; i < entries.size(); ++i)
            if (entries[i].is_over() && std::exchange(told_[i], 1) == 0)
                tell_end(entries[i]);
    }

private:
    static void tell_begin(const std::vector<overview::Entry>& entries) {
        std::string text = "waiting for ";
        for (const auto& entry : entries)
            text.append(&entry == &entries.front() ? "" : ", ").append(lv_name(entry));
        print(text + "\n");
    }

    void tell_end(const overview::Entry& entry) const {
        if (has_failed(entry))
            complain(ended_line(entry));
        else if (!quiet_)
            print(ended_line(entry) + "\n");
    }

    const bool quiet_;
    bool begun_ = false;
    std::vector<char> told_; ///< for each entry, whether its end was
};

} // namespace

Events::Time deadline_of(const Command& command) {
    return command.timeout ? std::chrono::steady_clock::now() + *command.timeout
                           : Events::Time::max();
}

int exit_code_of(Followed followed, const Pursuit& pursuit, const Command& command) {
    switch (followed) {
    case Followed::over:
        return pursuit.failed() == 0 ? exit_done : exit_failed;
    case Followed::nothing:
        if (!command.quiet)
            complain(command.whats.empty() && command.kinds.empty()
                         ? "nothing long is under way"
                         : "nothing such is under way; 'lvmpollctl' lists what is");
        return exit_nothing;
    case Followed::timed_out:
        if (!command.quiet)
            complain("timeout: " + std::to_string(pursuit.under_way()) +
                     " still under way, and left alone");
        return exit_timeout;
    case Followed::interrupted:
        complain("interrupted; what is under way goes on");
        return exit_interrupted;
    }
    return exit_failed;
}

int run_wait(const Command& command) {
    Pursuit pursuit(selection_of(command), Pursuit::Newcomers::ignored,
                    overview::Moment::now().wall);
    Events events;
    Progress progress(command.quiet);
    const auto followed = follow(command.paths, pursuit, events, deadline_of(command), [&] {
        if (!command.json)
            progress.tell(pursuit.entries());
    });
    if (command.json && followed != Followed::interrupted)
        print(ended_json(pursuit.entries(), followed == Followed::timed_out));
    return exit_code_of(followed, pursuit, command);
}

} // namespace lvmpolld::ctl
