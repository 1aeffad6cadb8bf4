// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/store.h"

#include "base/limits.h"
#include "operation/operation.h"
#include "operation/recent_results.h"
#include "operation/record.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace lvmpolld {

Store::Outcome Store::accept(PollRequest request, SessionNumber session) {
    std::shared_ptr<Operation> operation;
    bool started = false;
    {
        const Lock lock(mutex);
        const auto found = operations_.find(request.identity.text());
        if (found == operations_.end() && operations_.size() >= limits::operations)
            return TooMany{};
        const auto joining = found == operations_.end() ? Operation::Joining::finished
                                                        : (*found)->join(session, request.type);
        if (joining == Operation::Joining::different)
            return DifferentOperation{};
        started = joining == Operation::Joining::finished;
        if (started) {
            operation =
                std::make_shared<Operation>(*this, std::move(request), records_, ++last_record_);
            operation->begin(session);
            take_place(insert(operation), *operation);
        } else {
            operation = *found;
        }
    }
    if (records_ != nullptr)
        records_->write();
    return Accepted{std::move(operation), started};
}

std::shared_ptr<Operation> Store::restore(Record record) {
    auto operation = std::make_shared<Operation>(*this, record.request, records_, record.number);
    if (record.result && recent_ != nullptr)
        recent_->add(operation);
    {
        const Lock lock(mutex);
        last_record_ = std::max(last_record_, record.number);
        operation->restore(std::move(record));
        const auto replaced = insert(operation);
        if (!replaced)
            return operation;
        if (!replaced->is_decided())
            operation->inherit(replaced->take_held_claims()); // no one will end it
        take_place(replaced, *operation);
    }
    if (records_ != nullptr)
        records_->write();
    return operation;
}

void Store::number_beyond(RecordNumber number) {
    const Lock lock(mutex);
    last_record_ = std::max(last_record_, number);
}

void Store::take_place(const std::shared_ptr<Operation>& replaced, Operation& operation) {
    if (replaced)
        operation.inherit(replaced->leave_store());
    // This one first: a claim is in one of the two records at any moment.
    operation.save(Records::By::caller);
    if (replaced)
        replaced->save(Records::By::caller);
}

std::shared_ptr<Operation> Store::insert(std::shared_ptr<Operation> operation) {
    const bool in_progress = !operation->is_decided();
    Set alone; // first, since it may fail
    auto place = alone.extract(alone.insert(std::move(operation)).first);
    std::shared_ptr<Operation> replaced;
    if (const auto found = operations_.find(place.value()); found != operations_.end()) {
        replaced = *found;
        take_out(found);
    }
    operations_.insert(std::move(place));
    if (in_progress)
        ++in_progress_;
    if (replaced && !replaced->is_decided())
        --in_progress_;
    return replaced;
}

void Store::take_out(Set::iterator position) {
    auto place = operations_.extract(position);
    const auto operation = std::move(place.value());
    operation->place_ = std::move(place);
}

std::shared_ptr<Operation> Store::find(std::string_view identity) {
    const Lock lock(mutex);
    const auto found = operations_.find(identity);
    return found == operations_.end() ? nullptr : *found;
}

bool Store::finish(Operation& operation, const Result& result) {
    if (!operation.finish(result))
        return false;
    if (recent_ != nullptr)
        recent_->ended(operation.shared_from_this(), result);
    const Lock lock(mutex);
    --in_progress_;
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_cleaning_ ||
        operations_.size() - in_progress_ > retention_.results + held_results_) {
        next_cleaning_ = now + cleaning_pause;
        try {
            drop_stale_results();
        } catch (const std::bad_alloc&) { // the next time; no result may be lost for that
        }
    }
    return true;
}

void Store::fail(Operation& operation) {
    do
        operation.begin_step();
    while (!finish(operation, PollingFailed{}));
}

void Store::forget(Operation& operation) {
    const Lock lock(mutex);
    const auto found = operations_.find(operation.identity());
    if (found == operations_.end() || found->get() != &operation)
        return;
    {
        const Lock operation_lock(operation.mutex);
        if (!operation.claims_.is_unclaimed())
            return; // an answer to somebody else couldn't be sent meanwhile
        operation.stored_ = false;
    }
    take_out(found);
}

void Store::hand_on(const std::shared_ptr<Operation>& from) noexcept {
    const Lock lock(mutex);
    const auto found = operations_.find(from->identity());
    if (found == operations_.end()) {
        from->place_.value() = from;
        operations_.insert(std::move(from->place_));
        from->enter_store();
    } else if (*found != from) { // else somebody else has handed it on meanwhile
        (*found)->inherit(from->leave_store());
        (*found)->save(Records::By::writer);
    }
    from->save(Records::By::writer);
}

Store::Operations Store::operations() {
    Operations result;
    const Lock lock(mutex);
    drop_stale_results();
    result.reserve(operations_.size());
    for (const auto& operation : operations_)
        result.push_back(operation);
    return result;
}

std::size_t Store::in_progress() {
    const Lock lock(mutex);
    return in_progress_;
}

void Store::retain(Retention retention) {
    const Lock lock(mutex);
    retention_ = retention;
}

void Store::drop_stale_results() {
    struct Stale {
        Operation::Clock::time_point finished_at;
        Set::iterator position;
    };

    const auto drop = [&](Set::iterator position) REQUIRES(mutex) {
        (*position)->leave_store();
        (*position)->save(Records::By::writer);
        take_out(position);
    };
    const auto expired = Operation::Clock::now() - retention_.age;
    std::vector<Stale> kept;
    held_results_ = 0;
    for (auto position = operations_.begin(); position != operations_.end();) {
        Operation& operation = **position;
        std::optional<Operation::Clock::time_point> finished_at;
        {
            const Lock operation_lock(operation.mutex);
            if (operation.state_.result && operation.claims_.is_held())
                ++held_results_;
            else if (operation.state_.result)
                finished_at = operation.finished_at_;
        }
        const auto current = position++;
        if (finished_at && *finished_at <= expired)
            drop(current);
        else if (finished_at)
            kept.push_back({*finished_at, current});
    }
    if (kept.size() <= retention_.results)
        return;
    const auto surplus = static_cast<std::ptrdiff_t>(kept.size() - retention_.results);
    std::nth_element(kept.begin(), kept.begin() + surplus, kept.end(),
                     [](const Stale& a, const Stale& b) { return a.finished_at < b.finished_at; });
    for (auto stale = kept.begin(); stale != kept.begin() + surplus; ++stale)
        drop(stale->position);
}

} // namespace lvmpolld
