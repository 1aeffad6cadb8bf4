// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>

/// What a fuzz target asserts: libFuzzer keeps the input that breaks it.
inline void require(bool condition) {
    if (!condition)
        std::abort();
}
