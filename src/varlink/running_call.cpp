// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/running_call.h"

#include "base/limits.h"
#include "varlink/reply.h"

#include <utility>

namespace lvmpolld::varlink {

namespace {

using overview::Ending;
using overview::Entry;
using overview::Filter;
using overview::Overview;
using Item = Overview::Item;
using Number = Overview::Number;

bool is_full(const std::string& out) {
    return out.size() >= limits::varlink_unsent_bytes;
}

/// Made once for all who read it.
const std::string& text_of(Item& item) {
    if (item.text.empty())
        item.text = reply::operation_text(item.entry);
    return item.text;
}

/// The next one after `born`, up to `last`, that matches; or null.
Item* next_match(Overview& overview, Number born, Number last, const Filter& filter) {
    auto* item = overview.next_born(born);
    while (item != nullptr && item->born <= last && !filter.matches(item->entry))
        item = overview.next_born(item->born);
    return item != nullptr && item->born <= last ? item : nullptr;
}

/// The last reply is marked as such, so one match more is known than was told.
class RunningList final : public RunningCall {
public:
    RunningList(Filter filter, bool more, const Overview& overview)
        : filter_(std::move(filter)), more_(more), last_(overview.last_born()) {}

    bool follows() const override { return false; }

    State advance(Overview& overview, std::string& out) override {
        while (!is_full(out)) {
            auto* next = next_match(overview, seen_, last_, filter_);
            if (next == nullptr) {
                out += pending_.empty() ? reply::no_such_operation()
                                        : reply::operation(pending_, false);
                return State::done;
            }
            if (!pending_.empty() && !more_) {
                out += reply::expected_more();
                return State::done;
            }
            if (!pending_.empty())
                out += reply::operation(pending_, true);
            pending_ = text_of(*next);
            seen_ = next->born;
        }
        return State::full;
    }

private:
    const Filter filter_;
    const bool more_;
    const Number last_;
    Number seen_ = 0;
    std::string pending_; ///< the last match, which is not told yet
};

/// First what is under way, in the order of birth, then what has changed since the beginning.
class Subscription final : public RunningCall {
public:
    Subscription(Filter filter, const Overview& overview)
        : filter_(std::move(filter)), last_born_(overview.last_born()),
          seen_(overview.last_changed()) {}

    State advance(Overview& overview, std::string& out) override {
        if (born_ < last_born_ && !tell_present(overview, out))
            return State::full;
        if (!std::exchange(complete_, true))
            out += reply::present_state_is_complete();
        if (overview.has_lost(seen_)) {
            out += reply::subscriber_too_slow();
            return State::done;
        }
        while (auto* item = overview.next_changed(seen_)) {
            if (is_full(out))
                return State::full;
            seen_ = item->changed;
            if (filter_.matches(item->entry))
                out += reply::operation(text_of(*item), true);
        }
        return State::waiting;
    }

private:
    bool tell_present(Overview& overview, std::string& out) {
        while (auto* item = next_match(overview, born_, last_born_, filter_)) {
            if (is_full(out))
                return false;
            born_ = item->born;
            if (!item->entry.is_over())
                out += reply::operation(text_of(*item), true);
        }
        born_ = last_born_;
        return true;
    }

    const Filter filter_;
    const Number last_born_; ///< of what is there from the beginning
    Number born_ = 0;        ///< of that, told so far
    Number seen_;
    bool complete_ = false; ///< what was there from the beginning is told
};

/// What is waited for is what has begun by the beginning, and by each moment at which the daemon
/// takes something of it over.
class RunningWait final : public RunningCall {
public:
    RunningWait(Filter filter, bool more, const Overview& overview)
        : filter_(std::move(filter)), more_(more), last_born_(overview.last_born()),
          seen_(overview.last_changed()) {
        filter_.states.reset();
    }

    State advance(Overview& overview, std::string& out) override {
        if (overview.has_lost(seen_)) {
            out += reply::subscriber_too_slow();
            return State::done;
        }
        while (auto* item = overview.next_changed(seen_)) {
            if (is_full(out))
                return State::full;
            seen_ = item->changed;
            if (!filter_.matches(item->entry) || !is_waited_for(*item))
                continue;
            note(*item, overview);
            if (more_)
                out += reply::operation(text_of(*item), true);
        }
        remaining_ = count_remaining(overview);
        const bool waits = remaining_ > 0;
        if (!std::exchange(begun_, true) && !waits) {
            out += reply::no_such_operation();
            return State::done;
        }
        if (waits)
            return State::waiting;
        tell_ended(overview, out);
        return State::done;
    }

    void time_out(std::string& out) override { out += reply::timed_out(remaining_); }

private:
    bool is_waited_for(const Item& item) const { return item.born <= last_born_; }

    void note(const Item& item, const Overview& overview) {
        if (!item.entry.is_over())
            return;
        const auto ending = item.entry.result ? item.entry.result->ending : Ending::unknown;
        if (ending == Ending::taken_over) {
            last_born_ = overview.last_born();
            return;
        }
        if (ending != Ending::completed && ending != Ending::gone)
            ++failed_;
        ++count_;
        if (ended_.size() < limits::recent_results)
            ended_.push_back(item.born);
    }

    void tell_ended(Overview& overview, std::string& out) const {
        std::vector<const Entry*> entries;
        for (const auto born : ended_)
            if (const auto* item = overview.next_born(born - 1); item && item->born == born)
                entries.push_back(&item->entry);
        out += reply::ended(entries, count_ - entries.size(), failed_);
    }

    std::size_t count_remaining(Overview& overview) const {
        std::size_t count = 0;
        for (auto* item = next_match(overview, 0, last_born_, filter_); item != nullptr;
             item = next_match(overview, item->born, last_born_, filter_))
            count += item->entry.is_over() ? 0 : 1;
        return count;
    }

    Filter filter_;
    const bool more_;
    Number last_born_;
    Number seen_;
    bool begun_ = false;
    std::size_t remaining_ = 0;
    std::size_t count_ = 0;     ///< of those that have ended
    std::size_t failed_ = 0;    ///< of these
    std::vector<Number> ended_; ///< the births of the first ones
};

} // namespace

std::unique_ptr<RunningCall> start(const call::List& call, bool more, const Overview& overview) {
    return std::make_unique<RunningList>(call.filter, more, overview);
}

std::unique_ptr<RunningCall> start(const call::Subscribe& call, bool /*more*/,
                                   const Overview& overview) {
    return std::make_unique<Subscription>(call.filter, overview);
}

std::unique_ptr<RunningCall> start(const call::Wait& call, bool more, const Overview& overview) {
    return std::make_unique<RunningWait>(call.filter, more, overview);
}

} // namespace lvmpolld::varlink
