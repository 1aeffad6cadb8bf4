// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

/// The program's operator new counts what lives.
namespace lvmpolld::endurance::heap {

/// Objects that were allocated and not freed. Any thread.
std::size_t live_objects() noexcept;

/// Their bytes.
std::size_t live_bytes() noexcept;

} // namespace lvmpolld::endurance::heap
