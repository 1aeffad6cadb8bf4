// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "daemon/survey.h"
#include "overview/overview.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lvmpolld {

/// What those who watch are shown, and when it is brought up to date: at once for whoever asks, and
/// as long as somebody follows, when something has begun or ended, at device-mapper's events, and
/// while anything is under way. With nobody watching nothing is done and nothing kept. Main thread.
class Observers {
public:
    /// Between two changes that followers are shown.
    static constexpr std::chrono::milliseconds shortest_pause{200};
    /// The monitor thread spends at most so large a part of its time on followers.
    static constexpr int share_of_time = 20;

    /// How the monitor thread is asked; answers and changes come on the main thread.
    struct Monitoring {
        /// Brings an answer; none if there was no memory for it. Throws if there is no thread.
        std::function<void(std::uint64_t results,
                           std::function<void(std::optional<Survey::Answer>)> answer)>
            survey;
        /// Whether somebody follows. Likewise.
        std::function<void(bool follows)> follow;
    };

    /// `changed` is called when followers have something to look at; `failed` when the overview is
    /// lost, and whoever reads it has to begin anew.
    Observers(asio::io_context& loop, Clock& clock, Monitoring monitoring,
              std::function<void()> changed, std::function<void()> failed);

    overview::Overview& overview() noexcept { return overview_; }

    /// Keeps the overview; those who follow also keep it up to date.
    class Use {
    public:
        Use(Observers& observers, bool follows);
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

    private:
        Observers& observers_;
        const bool follows_;
    };

    /// Calls `ready` once the overview shows nothing from before this moment; not after failed().
    /// Whoever asks has a Use. Throws if there is no thread.
    void ask(std::function<void()> ready);

    /// Something may have changed.
    void nudge();

private:
    using Asking = std::vector<std::function<void()>>;

    void begin();
    void take(std::optional<Survey::Answer> answer, const Asking& answered);
    void go_on();
    void tick();
    void fail();
    void clear();
    void unfollow() const noexcept;

    Clock& clock_;
    Monitoring monitoring_;
    const std::function<void()> changed_;
    const std::function<void()> failed_;
    overview::Overview overview_;
    asio::steady_timer pause_;
    std::uint64_t results_ = 0; ///< that the overview has
    std::size_t users_ = 0;
    std::size_t followers_ = 0;
    unsigned generation_ = 0; ///< of the overview: tells answers to an earlier one
    bool busy_ = false;       ///< the monitor thread is asked
    bool stale_ = false;      ///< something may have changed since
    bool pausing_ = false;
    unsigned pauses_ = 0;     ///< tells the handlers of earlier ones
    bool telling_ = false;    ///< followers are shown the next answer
    bool untold_ = false;     ///< there is a change that they have not been shown
    Clock::TimePoint next_{}; ///< followers are not told before
    Asking asking_;           ///< for the next answer
    Asking answered_;         ///< by the one that is under way
};

} // namespace lvmpolld
