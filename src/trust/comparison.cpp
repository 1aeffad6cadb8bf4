// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trust/comparison.h"

#include "base/narrow_thread.h"
#include "dm/device_name.h"
#include "verify/writes_under_way.h"

#include <asio/post.hpp>

#include <cstring>
#include <exception>
#include <system_error>

namespace lvmpolld {

namespace {

std::string place(const verify::Extent& extent) {
    return "sector " + std::to_string(extent.sector) + " of " + dm::device_name(extent.device);
}

struct Describe {
    std::string operator()(const verify::Equal& equal) const {
        return "both legs are equal (" + std::to_string(equal.sectors) + " sectors)";
    }

    std::string operator()(const verify::Different& different) const {
        return "the copy at " + place(different.copy) + " differs from " + place(different.source) +
               " in " + std::to_string(different.sectors) + " sectors or more";
    }

    std::string operator()(const verify::Unreadable& unreadable) const {
        return place(unreadable.at) + " can't be read: " + std::strerror(unreadable.error);
    }

    std::string operator()(const verify::Undecided& undecided) const {
        return "the copy at " + place(undecided.copy) +
               " is rewritten faster than it can be compared with " + place(undecided.source) +
               " (" + std::to_string(undecided.sectors) + " sectors are)";
    }

    std::string operator()(const verify::NotCompared& failure) const {
        return std::string("its legs can't be compared now: ") + std::strerror(failure.error);
    }

    std::string operator()(const verify::Cancelled&) const {
        return "the comparison was cancelled";
    }
};

} // namespace

verify::Outcome compare_legs(const dm::Copy& copy, const std::stop_token& stop,
                             verify::Compared& compared) {
    std::vector<verify::Extent> legs;
    legs.reserve(dm::legs(copy).size());
    for (const auto& leg : dm::legs(copy))
        legs.push_back({verify::device_path(leg.device), leg.offset});
    const verify::WritesUnderWay writes("/dev/mapper/" + copy.dm_name);
    return verify::LegComparison(legs, copy.segment_length, verify::pause_for,
                                 [&] { return writes.none(); })
        .run(stop, compared);
}

std::string text_of(const verify::Outcome& outcome) {
    return std::visit(Describe{}, outcome);
}

std::jthread run_on_a_thread(std::function<void()> work, const std::stop_token&) {
    return std::jthread([work = std::move(work)] {
        narrow_thread(rights::disks);
        work();
    });
}

Comparison::Comparison(const asio::any_io_executor& executor, const CompareLegs& compare_legs,
                       const RunBeside& run, const dm::Copy& copy, Slots::Slot slot,
                       std::function<void()> ended)
    : uuid_(copy.uuid), key_(dm::key(copy)), bytes_(copy.segment_length * sector_bytes),
      slot_(std::move(slot)), state_(std::make_shared<State>(std::move(ended))),
      thread_(run(
          [executor, compare_legs, copy, state = state_, stop = stop_.get_token()] {
              const auto outcome = compare(compare_legs, copy, stop, state->compared);
              const std::lock_guard lock(state->mutex);
              if (state->abandoned)
                  return;
              asio::post(executor, [state, outcome] {
                  if (state->abandoned)
                      return;
                  state->outcome = outcome;
                  state->ended();
              });
          },
          stop_.get_token())) {}

Comparison::~Comparison() {
    if (outcome())
        return;
    stop_.request_stop();
    {
        const std::lock_guard lock(state_->mutex);
        state_->abandoned = true;
    }
    if (thread_.joinable())
        thread_.detach();
}

verify::Outcome Comparison::compare(const CompareLegs& compare, const dm::Copy& copy,
                                    const std::stop_token& stop, verify::Compared& compared) {
    try {
        return compare(copy, stop, compared);
    } catch (const std::system_error& error) {
        return verify::NotCompared{error.code().value()};
    } catch (const std::exception&) {
        return verify::NotCompared{ENOMEM};
    }
}

} // namespace lvmpolld
