// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation.h"

// The order that design and analysis agree on: compiles.
namespace lvmpolld {

void store_then_operation(Store& store, Operation& operation);

void store_then_operation(Store& store, Operation& operation) {
    const Lock store_lock(store.mutex);
    const Lock operation_lock(operation.mutex);
}

} // namespace lvmpolld
