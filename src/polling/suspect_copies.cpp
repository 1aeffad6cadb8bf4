// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/suspect_copies.h"

#include "polling/record.h"

namespace lvmpolld {

void SuspectCopies::insert(CopyIdentity copy) {
    if (copies_.insert(std::move(copy)).second && records_ != nullptr)
        records_->save_suspects(copies_);
}

void SuspectCopies::erase(const CopyIdentity& copy) {
    if (copies_.erase(copy) > 0 && records_ != nullptr)
        records_->save_suspects(copies_);
}

} // namespace lvmpolld
