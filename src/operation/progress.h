// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace lvmpolld {

/// How far a copy is, in sectors of 512 bytes.
struct Progress {
    std::uint64_t copied;
    std::uint64_t total;
    bool operator==(const Progress&) const = default;
};

} // namespace lvmpolld
