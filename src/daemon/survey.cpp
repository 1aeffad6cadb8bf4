// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/survey.h"

#include "operation/operation.h"
#include "trust/tracked_copy.h"

#include <string>
#include <system_error>
#include <utility>

namespace lvmpolld {

Survey::Answer Survey::take(std::uint64_t results) {
    const auto begin = std::chrono::steady_clock::now();
    Answer answer;
    overview::Tracker::Polls polls;
    held_.clear();
    // The results last: what ends in between is first under way, and then over.
    add_polled(from_.polls, polls);
    add_polled(from_.aborts, polls);
    add_results(results, polls, answer);
    answer.entries = tracker_.take(polls, look(), overview::Moment::now());
    held_.clear();
    answer.took = std::chrono::steady_clock::now() - begin;
    return answer;
}

void Survey::add_polled(Store& store, overview::Tracker::Polls& polls) {
    for (auto& operation : store.operations()) {
        auto polled = overview::Polled::of(*operation);
        if (polled.state.result)
            continue; // among the recent results, unless it is too old
        if (const auto copy = from_.trust.find(polled.request.identity.lvid());
            copy && polled.state.verification == Verification::comparing)
            polled.compared = copy->comparison_progress();
        polls.push_back(std::move(polled));
        held_.push_back(std::move(operation));
    }
}

void Survey::add_results(std::uint64_t after, overview::Tracker::Polls& polls, Answer& answer) {
    auto [operations, count] = from_.recent.added_after(after);
    answer.results = count;
    operations.insert(operations.begin(), unreadable_.begin(), unreadable_.end());
    unreadable_.clear();
    for (auto& operation : operations) {
        auto polled = overview::Polled::of(*operation);
        if (polled.state.result) {
            polls.push_back(std::move(polled));
            held_.push_back(std::move(operation));
        } else {
            unreadable_.push_back(std::move(operation));
        }
    }
}

std::vector<dm::Sighting> Survey::look() {
    try {
        if (!activities_)
            activities_.emplace();
        auto sightings = activities_->scan();
        if (!changed_)
            activities_.reset();
        failed_ = false;
        return sightings;
    } catch (const std::system_error& error) {
        activities_.reset();
        if (!std::exchange(failed_, true) && from_.log.enabled(LogLevel::debug))
            from_.log.write(LogLevel::debug,
                            std::string("those who watch are not shown what the kernel does: ") +
                                error.what());
    }
    return {};
}

void Survey::follow(std::function<void()> changed) {
    changed_ = std::move(changed);
    subscription_.reset();
    if (!changed_)
        return activities_.reset();
    try {
        if (from_.events.kernel().can_watch())
            subscription_.emplace(from_.events, KernelWatch::Interest{{}, [this] { notice(); }});
    } catch (const std::system_error&) { // then only what is under way is looked at again
    }
}

} // namespace lvmpolld
