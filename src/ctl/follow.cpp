// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/follow.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace lvmpolld::ctl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_silence{1};
/// A daemon that restarts is there again sooner.
constexpr std::chrono::seconds restart_patience{5};
constexpr std::chrono::milliseconds retry_interval{100};

/// The source of the moment, and another one when it is lost or when a better one has come.
class BestSource {
public:
    BestSource(const Paths& paths, Pursuit& pursuit, Events& events)
        : paths_(paths), pursuit_(pursuit), events_(events), source_(open_source(paths)) {}

    void begin(Events::Time until) { pursuit_.begin(source_->next(events_, until)); }

    void advance(Events::Time until) {
        try {
            // The daemon itself is the best there is, until it is lost.
            const auto now = Clock::now();
            if (source_->teller() != Teller::daemon && now >= compare_at_) {
                compare_at_ = now + longest_silence;
                if (best_teller(paths_) != source_->teller())
                    return replace(until);
            }
            pursuit_.take(source_->next(events_, until));
        } catch (const SourceLost&) {
            replace(until);
        }
    }

private:
    void replace(Events::Time until) {
        const auto before = source_->teller();
        const auto patience = Clock::now() + restart_patience;
        while (!events_.interrupted()) {
            // The next daemon has its pidfile before its sockets.
            const bool patient =
                before != Teller::kernel && Clock::now() < std::min(patience, until);
            try {
                if (!patient || best_teller(paths_) >= before) {
                    source_ = open_source(paths_);
                    auto known = source_->next(events_, Clock::now() + restart_patience);
                    for (auto& entry : source_->list())
                        known.push_back(std::move(entry));
                    pursuit_.resume(known, wall_now());
                    return;
                }
            } catch (const SourceLost&) {
                if (!patient)
                    throw;
            }
            events_.wait(-1, Clock::now() + retry_interval);
        }
    }

    static overview::WallTime wall_now() {
        return std::chrono::duration_cast<overview::WallTime>(
            std::chrono::system_clock::now().time_since_epoch());
    }

    const Paths& paths_;
    Pursuit& pursuit_;
    Events& events_;
    std::unique_ptr<Source> source_;
    Clock::time_point compare_at_ = Clock::now() + longest_silence;
};

} // namespace

Followed follow(const Paths& paths, Pursuit& pursuit, Events& events, Events::Time until,
                const std::function<void()>& changed) {
    BestSource source(paths, pursuit, events);
    source.begin(Clock::now() + restart_patience);
    if (pursuit.entries().empty())
        return events.interrupted() ? Followed::interrupted : Followed::nothing;
    for (;;) {
        changed();
        if (pursuit.is_over())
            return Followed::over;
        const auto now = Clock::now();
        if (events.interrupted())
            return Followed::interrupted;
        if (now >= until)
            return Followed::timed_out;
        source.advance(std::min(until, now + longest_silence));
    }
}

} // namespace lvmpolld::ctl
