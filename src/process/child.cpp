// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/child.h"

#include "process/child_process.h"

namespace lvmpolld {

Child::Child(Children& children, SpawnedProcess process, Line line, End end)
    : pid_(process.pid), process_(std::make_shared<Children::Process>(
                             std::move(process), std::move(line), std::move(end))) {
    children.add(process_);
}

Child::~Child() {
    process_->forsake();
}

void Child::terminate() noexcept {
    process_->terminate();
}

} // namespace lvmpolld
