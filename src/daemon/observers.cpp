// SPDX-License-Identifier: LGPL-2.1-or-later
//
// At most one survey is under way. Whoever asks while it is gets the next one, since this one may
// have looked already. Followers get one after each pause in which something may have changed.
#include "daemon/observers.h"

#include "base/limits.h"

#include <algorithm>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

namespace lvmpolld {

Observers::Observers(asio::io_context& loop, Clock& clock, Monitoring monitoring,
                     std::function<void()> changed, std::function<void()> failed)
    : clock_(clock), monitoring_(std::move(monitoring)), changed_(std::move(changed)),
      failed_(std::move(failed)), overview_(limits::recent_results), pause_(loop) {}

Observers::Use::Use(Observers& observers, bool follows) : observers_(observers), follows_(follows) {
    if (follows_ && observers_.followers_ == 0)
        observers_.monitoring_.follow(true);
    ++observers_.users_;
    if (follows_)
        ++observers_.followers_;
}

Observers::Use::~Use() {
    if (follows_ && --observers_.followers_ == 0)
        observers_.unfollow();
    if (--observers_.users_ == 0)
        observers_.clear();
}

void Observers::unfollow() const noexcept {
    try {
        monitoring_.follow(false);
    } catch (const std::exception&) { // it goes on to call nudge(), which does nothing
    }
}

void Observers::clear() {
    ++generation_;
    overview_.clear();
    ++pauses_;
    try {
        pause_.cancel();
    } catch (const std::system_error&) { // it ends as one of an earlier number
    }
    results_ = 0;
    pausing_ = stale_ = telling_ = untold_ = false;
}

void Observers::ask(std::function<void()> ready) {
    asking_.push_back(std::move(ready));
    try {
        begin();
    } catch (...) {
        asking_.clear();
        throw;
    }
}

void Observers::nudge() {
    stale_ = true;
    go_on();
}

void Observers::begin() {
    if (busy_)
        return;
    monitoring_.survey(results_, [this, generation = generation_](auto answer) {
        busy_ = false;
        const auto answered = std::exchange(answered_, {});
        if (generation == generation_ && users_ > 0)
            take(std::move(answer), answered);
        go_on();
    });
    stale_ = false;
    busy_ = true;
    answered_ = std::exchange(asking_, {});
}

void Observers::take(std::optional<Survey::Answer> answer, const Asking& answered) {
    if (!answer)
        return fail();
    try {
        untold_ = overview_.update(std::move(answer->entries)) || untold_;
    } catch (const std::bad_alloc&) {
        return fail();
    }
    results_ = answer->results;
    for (const auto& ready : answered)
        ready();
    if (!std::exchange(telling_, false))
        return;
    next_ = clock_.now() +
            std::max<std::chrono::nanoseconds>(shortest_pause, share_of_time * answer->took);
    if (std::exchange(untold_, false))
        changed_();
}

void Observers::go_on() {
    try {
        if (!asking_.empty())
            begin();
        const bool due = stale_ || untold_ || overview_.has_any_under_way();
        if (followers_ == 0 || !due || pausing_ || telling_)
            return;
        clock_.arm(pause_, next_);
        pause_.async_wait([this, pause = ++pauses_](const asio::error_code&) {
            if (pause != pauses_)
                return;
            pausing_ = false;
            if (followers_ > 0)
                tick();
        });
        pausing_ = true;
    } catch (const std::exception&) {
        fail();
    }
}

void Observers::tick() {
    try {
        telling_ = true;
        begin(); // what is under way already will do
    } catch (const std::exception&) {
        fail();
    }
}

void Observers::fail() {
    asking_.clear();
    clear();
    failed_();
}

} // namespace lvmpolld
