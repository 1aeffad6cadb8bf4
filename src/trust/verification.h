// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "dm/kernel.h"
#include "verify/leg_comparison.h"

#include <asio/any_io_executor.hpp>

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
using CompareLegs = std::function<verify::Outcome(const dm::Copy&, const std::stop_token&)>;

/// The real comparison: reads the disks.
verify::Outcome compare_legs(const dm::Copy& copy, const std::stop_token& stop);

/// What a person is told of an outcome: disks, sectors, and the way out.
std::string text_of(const verify::Outcome& outcome);

/// One comparison under way. Its end, also after cancel(), is reported on the executor. One that is destroyed
/// before, since a disk doesn't answer, is left to itself. Monitor thread.
class Verification {
public:
    Verification(const asio::any_io_executor& executor, const CompareLegs& compare, const dm::Copy& copy,
                 std::function<void()> ended);
    ~Verification();
    Verification(const Verification&) = delete;
    Verification& operator=(const Verification&) = delete;

    void cancel() { thread_.request_stop(); }

    /// None while it runs.
    const std::optional<verify::Outcome>& outcome() const noexcept { return state_->outcome; }

private:
    /// Shared with the thread, which may outlive the Verification, the executor and the daemon.
    struct State {
        explicit State(std::function<void()> at_end) : ended(std::move(at_end)) {}

        std::function<void()> ended;            ///< monitor thread
        std::optional<verify::Outcome> outcome; ///< likewise
        std::mutex mutex;
        bool abandoned = false; ///< nobody is to be told; set by the monitor thread, under the mutex
    };

    static verify::Outcome compare(const CompareLegs& compare, const dm::Copy& copy,
                                   const std::stop_token& stop);

    std::shared_ptr<State> state_;
    std::jthread thread_;
};

} // namespace lvmpolld
