// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/copy_identity.h"

#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld {

class Records;

/// Copies that are suspect until their legs are found equal, whoever asks again, also of a later
/// daemon: those that a comparison has found bad, and those that something was seen to speak
/// against, of which the kernel may show nothing any more. Monitor thread.
class SuspectCopies {
public:
    /// `records`: where they are written down; null: nowhere.
    explicit SuspectCopies(Records* records = nullptr) : records_(records) {}

    /// Takes over what an earlier daemon has written down.
    void restore(SuspectList copies) { copies_ = std::move(copies); }

    bool contains(const CopyIdentity& copy) const { return copies_.contains(copy); }

    const SuspectList& all() const noexcept { return copies_; }

    /// Whether there is a copy of the LV.
    bool contains_any_of(std::string_view lvid) const;

    /// Puts it on the list, or notes how long it lasts.
    void insert(const CopyIdentity& copy, Lasts lasts);
    void erase(const CopyIdentity& copy);

    /// The device copies this segment now: every other of it has been committed or given up.
    void erase_others(const CopyIdentity& copy);

    /// The LV is active and copies nothing, or is known to be gone.
    void erase_all_of(std::string_view lvid);

    /// The LV has no device.
    void erase_lost_with_device(std::string_view lvid);

private:
    template <class Predicate>
    void erase_if(const Predicate& is_meant);
    void save() const;

    Records* const records_;
    SuspectList copies_;
};

} // namespace lvmpolld
