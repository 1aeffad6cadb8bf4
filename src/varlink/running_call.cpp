// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/running_call.h"

#include "base/limits.h"
#include "varlink/operation_json.h"
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
        item.text = operation_text(item.entry);
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

/// What is there at the beginning of a call, in the order of birth; it may take several turns to
/// tell it.
class PresentState {
public:
    explicit PresentState(const Overview& overview) : last_(overview.last_born()) {}

    /// Calls `tell` with each match. False if `out` is full before the end.
    template <class Tell>
    bool tell_all(Overview& overview, const Filter& filter, const std::string& out,
                  const Tell& tell) {
        while (auto* item = next_match(overview, told_, last_, filter)) {
            if (is_full(out))
                return false;
            told_ = item->born;
            tell(*item);
        }
        told_ = last_;
        return true;
    }

private:
    const Number last_;
    Number told_ = 0;
};

/// What has changed since the beginning of a call.
class Changes {
public:
    explicit Changes(const Overview& overview) : seen_(overview.last_changed()) {}

    /// Calls `tell` with each match. Only if all were told the call is `waiting` for more.
    template <class Tell>
    RunningCall::State tell_all(Overview& overview, const Filter& filter, std::string& out,
                                const Tell& tell) {
        if (overview.has_lost(seen_)) {
            out += reply::subscriber_too_slow();
            return RunningCall::State::done;
        }
        while (auto* item = overview.next_changed(seen_)) {
            if (is_full(out))
                return RunningCall::State::full;
            seen_ = item->changed;
            if (filter.matches(item->entry))
                tell(*item);
        }
        return RunningCall::State::waiting;
    }

private:
    Number seen_;
};

/// First what is under way, then what has changed since the beginning.
class Subscription final : public RunningCall {
public:
    Subscription(Filter filter, const Overview& overview)
        : filter_(std::move(filter)), present_(overview), changes_(overview) {}

    State advance(Overview& overview, std::string& out) override {
        const auto tell_if_under_way = [&](Item& item) {
            if (!item.entry.is_over())
                out += reply::operation(text_of(item), true);
        };
        if (!present_.tell_all(overview, filter_, out, tell_if_under_way))
            return State::full;
        if (!std::exchange(complete_, true))
            out += reply::present_state_is_complete();
        return changes_.tell_all(overview, filter_, out,
                                 [&](Item& item) { out += reply::operation(text_of(item), true); });
    }

private:
    const Filter filter_;
    PresentState present_;
    Changes changes_;
    bool complete_ = false; ///< what was there from the beginning is told
};

/// What is waited for is what had not ended when the client asked, and what has begun by each
/// moment at which the daemon takes something of it over.
class RunningWait final : public RunningCall {
public:
    RunningWait(Filter filter, const Asked& asked, const Overview& overview)
        : filter_(std::move(filter)), asked_(asked), present_(overview),
          last_born_(overview.last_born()), changes_(overview) {
        filter_.states.reset();
    }

    State advance(Overview& overview, std::string& out) override {
        const auto take_present = [&](Item& item) {
            if (!item.entry.is_over() || item.entry.finished >= asked_.at)
                take(item, overview, out);
        };
        if (!present_.tell_all(overview, filter_, out, take_present))
            return State::full;
        const auto state = changes_.tell_all(overview, filter_, out, [&](Item& item) {
            if (item.born <= last_born_)
                take(item, overview, out);
        });
        if (state != State::waiting)
            return state;
        remaining_ = count_remaining(overview);
        if (remaining_ > 0)
            return State::waiting;
        if (ended_.empty())
            out += reply::no_such_operation();
        else
            tell_ended(overview, out);
        return State::done;
    }

    void time_out(std::string& out) override { out += reply::timed_out(remaining_); }

private:
    void take(Item& item, const Overview& overview, std::string& out) {
        if (item.entry.is_over())
            note(item, overview);
        if (asked_.more)
            out += reply::operation(text_of(item), true);
    }

    void note(const Item& item, const Overview& overview) {
        const auto ending = item.entry.result ? item.entry.result->ending : Ending::unknown;
        if (ending == Ending::taken_over) {
            last_born_ = overview.last_born();
            return;
        }
        ++count_;
        if (ending != Ending::completed && ending != Ending::gone)
            ++failed_;
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
            if (!item->entry.is_over())
                ++count;
        return count;
    }

    Filter filter_;
    const Asked asked_;
    PresentState present_;
    Number last_born_;
    Changes changes_;
    std::size_t remaining_ = 0;
    std::size_t count_ = 0;     ///< of those that have ended
    std::size_t failed_ = 0;    ///< of these
    std::vector<Number> ended_; ///< the births of the first ones
};

} // namespace

std::unique_ptr<RunningCall> start(const call::List& call, const Asked& asked,
                                   const Overview& overview) {
    return std::make_unique<RunningList>(call.filter, asked.more, overview);
}

std::unique_ptr<RunningCall> start(const call::Subscribe& call, const Asked& /*asked*/,
                                   const Overview& overview) {
    return std::make_unique<Subscription>(call.filter, overview);
}

std::unique_ptr<RunningCall> start(const call::Wait& call, const Asked& asked,
                                   const Overview& overview) {
    return std::make_unique<RunningWait>(call.filter, asked, overview);
}

} // namespace lvmpolld::varlink
