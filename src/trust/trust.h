// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/slots.h"
#include "base/statistics.h"
#include "dm/kernel.h"
#include "trust/comparison.h"
#include "trust/copy_errors.h"
#include "trust/suspect_copies.h"
#include "trust/verify.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld {

class TrackedCopy;

/// May this copy be committed?
enum class Verdict {
    commit,
    compare, ///< not before its legs were found equal
    refuse,  ///< likewise, and they cannot be compared
};

/// What decides whether copies may be committed: the policy (--verify), the sources of evidence,
/// and the written list of suspects. Monitor thread.
class Trust {
public:
    /// `run_comparison`: on what a comparison runs.
    Trust(Verify verify, CopyErrors& evidence, CompareLegs comparison, Records* records = nullptr,
          RunBeside run_comparison = run_on_a_thread)
        : policy(verify), errors(evidence), compare(std::move(comparison)),
          run(std::move(run_comparison)), suspects(records) {}

    /// What is known of the copy of this LV; all operations on it share it.
    std::shared_ptr<TrackedCopy> track(std::string_view lvid);

    /// The same without making a note of the LV: null if no operation has seen its copy.
    std::shared_ptr<TrackedCopy> find(std::string_view lvid) const;

    /// For the end of a TrackedCopy.
    void untrack(const std::string& lvid) noexcept;

    /// The answer for a copy that nobody has seen: it cannot be compared.
    Verdict verdict_of_unseen(std::string_view lvid) const {
        const bool suspect = policy != Verify::never && suspects.contains_any_of(lvid);
        return suspect ? Verdict::refuse : Verdict::commit;
    }

    /// Strikes suspects off the list that are copied no more, as after an abort by others: those of
    /// LVs without an operation. A question to the kernel for each, so call it rarely.
    void strike_off_the_gone(dm::Kernel& kernel,
                             const std::function<bool(std::string_view)>& is_polled);

    Verify policy;
    CopyErrors& errors;
    CompareLegs compare;
    RunBeside run;
    SuspectCopies suspects;
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();
    Slots slots{}; ///< comparisons under way, by LVID: they take threads and memory

private:
    std::map<std::string, std::weak_ptr<TrackedCopy>, std::less<>> tracked_;
};

} // namespace lvmpolld
