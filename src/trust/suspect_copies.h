// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/copy_identity.h"

#include <set>
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
    void restore(std::set<CopyIdentity> copies) { copies_ = std::move(copies); }

    bool contains(const CopyIdentity& copy) const { return copies_.contains(copy); }

    const std::set<CopyIdentity>& all() const noexcept { return copies_; }

    /// Whether there is a copy of the LV.
    bool contains_any_of(std::string_view lvid) const;

    void insert(CopyIdentity copy);
    void erase(const CopyIdentity& copy);

    /// The device copies this segment now: every other of it has been committed or given up.
    void erase_others(const CopyIdentity& copy);

    /// The LV isn't copied any more.
    void erase_all_of(std::string_view lvid);

private:
    void save() const;

    Records* const records_;
    std::set<CopyIdentity> copies_;
};

} // namespace lvmpolld
