// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation.h"

// A call that would wait for the lock its caller holds: must not compile.
namespace lvmpolld {

void store_twice(Store& store);

void store_twice(Store& store) {
    const Lock lock(store.mutex);
    store.in_progress();
}

} // namespace lvmpolld
