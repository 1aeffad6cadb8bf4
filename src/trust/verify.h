// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace lvmpolld {

/// When a copied segment is compared with its source before it is committed.
enum class Verify {
    suspect, ///< when something speaks against the copy
    always,
    never,
};

} // namespace lvmpolld
