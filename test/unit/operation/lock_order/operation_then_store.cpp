// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation.h"

// The forbidden order: must not compile.
namespace lvmpolld {

void operation_then_store(Store& store, Operation& operation);

void operation_then_store(Store& store, Operation& operation) {
    const Lock operation_lock(operation.mutex);
    const Lock store_lock(store.mutex);
}

} // namespace lvmpolld
