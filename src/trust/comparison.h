// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/slots.h"
#include "dm/copy.h"
#include "operation/progress.h"
#include "verify/leg_comparison.h"

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace lvmpolld {

/// Compares the legs of a copied segment; runs on a thread of its own.
using CompareLegs =
    std::function<verify::Outcome(const dm::Copy&, const std::stop_token&, verify::Compared&)>;

/// Runs `work`, which may wait, beside the monitor. `stop` asks it to end soon. Returns its thread,
/// if it has one of its own. Throws std::system_error if threads are scarce.
using RunBeside =
    std::function<std::jthread(std::function<void()> work, const std::stop_token& stop)>;

std::jthread run_on_a_thread(std::function<void()> work, const std::stop_token& stop);

/// The real comparison: reads the disks.
verify::Outcome compare_legs(const dm::Copy& copy, const std::stop_token& stop,
                             verify::Compared& compared);

/// What a person is told of an outcome: disks, sectors, and the way out.
std::string text_of(const verify::Outcome& outcome);

/// One comparison of the legs of a mirror, shared by all operations on it. The last one to let go
/// of it leaves it to itself if a disk does not answer. Monitor thread.
class Comparison {
public:
    /// `ended` is called on the executor at its end, also after cancel(). Throws std::system_error
    /// if threads are scarce.
    Comparison(const asio::any_io_executor& executor, const CompareLegs& compare,
               const RunBeside& run, const dm::Copy& copy, Slots::Slot slot,
               std::function<void()> ended);
    ~Comparison();
    Comparison(const Comparison&) = delete;
    Comparison& operator=(const Comparison&) = delete;

    void cancel() {
        cancelled_ = true;
        stop_.request_stop();
    }

    bool is_cancelled() const noexcept { return cancelled_; }

    /// None while it runs.
    const std::optional<verify::Outcome>& outcome() const noexcept { return state_->outcome; }

    /// How far it is, in bytes of each leg.
    Progress progress() const noexcept { return {state_->compared, bytes_}; }

    /// Whether what is seen now is the mirror that is compared, still in sync. A verdict holds for
    /// no other.
    bool is_of(const dm::Copy& now) const {
        return now.complete && now.uuid == uuid_ && dm::key(now) == key_;
    }

private:
    /// Shared with the thread, which may outlive the Comparison, the executor and the daemon.
    struct State {
        explicit State(std::function<void()> at_end) : ended(std::move(at_end)) {}

        std::function<void()> ended;            ///< monitor thread
        std::optional<verify::Outcome> outcome; ///< likewise
        verify::Compared compared = 0;
        std::mutex mutex;
        bool abandoned =
            false; ///< nobody is to be told; set by the monitor thread, under the mutex
    };

    static verify::Outcome compare(const CompareLegs& compare, const dm::Copy& copy,
                                   const std::stop_token& stop, verify::Compared& compared);

    const std::string uuid_;
    const dm::CopyKey key_;
    const std::uint64_t bytes_;
    const Slots::Slot slot_;
    std::shared_ptr<State> state_;
    bool cancelled_ = false;
    std::stop_source stop_;
    std::jthread thread_; ///< of the work, if it has one
};

} // namespace lvmpolld
