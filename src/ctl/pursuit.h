// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/selection.h"
#include "overview/entry.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// What becomes of the selected entries until all have ended, whoever tells of them: the daemon may
/// take a copy over under another identifier, and may be replaced by another process. Then the
/// LVID says what belongs together. Pure.
class Pursuit {
public:
    enum class Newcomers { ignored, followed };

    /// `began`: what ended before is of no account.
    Pursuit(Selection selection, Newcomers newcomers, overview::WallTime began)
        : selection_(std::move(selection)), newcomers_(newcomers), began_(began) {}

    /// All that is under way now: what is selected of it is followed.
    void begin(const std::vector<overview::Entry>& under_way);

    /// Another source tells from here on, which knows these: all that is under way, and results.
    /// What is not among them has gone.
    void resume(const std::vector<overview::Entry>& known, overview::WallTime now);

    /// What has changed.
    void take(const std::vector<overview::Entry>& changed);

    /// All that is followed, in the order in which it was first seen, the ended ones as they ended.
    const std::vector<overview::Entry>& entries() const noexcept { return entries_; }

    bool is_over() const { return under_way() == 0; }

    std::size_t under_way() const;
    std::size_t failed() const;

private:
    void take_one(const overview::Entry& entry);

    const Selection selection_;
    const Newcomers newcomers_;
    const overview::WallTime began_;
    std::vector<overview::Entry> entries_;
    std::vector<overview::Entry> others_; ///< under way, selected, not followed
    std::vector<std::string> taken_over_; ///< LVIDs whose next entry is followed
};

} // namespace lvmpolld::ctl
