// SPDX-License-Identifier: LGPL-2.1-or-later
#include "polling/refused_copies.h"

#include "polling/record.h"

namespace lvmpolld {

void RefusedCopies::insert(CopyIdentity copy) {
    if (copies_.insert(std::move(copy)).second && records_ != nullptr)
        records_->save_refused(copies_);
}

void RefusedCopies::erase(const CopyIdentity& copy) {
    if (copies_.erase(copy) > 0 && records_ != nullptr)
        records_->save_refused(copies_);
}

} // namespace lvmpolld
