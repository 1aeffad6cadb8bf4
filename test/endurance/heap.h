// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

/// The program's operator new counts what lives. Any thread.
namespace lvmpolld::endurance::heap {

/// Objects that were allocated and not freed.
std::size_t live_objects() noexcept;

/// Their bytes, as they were asked for.
std::size_t live_bytes() noexcept;

inline constexpr std::size_t most_generations = 65'536;

/// What is allocated from now on belongs to the next generation. Throws if there are no more.
void begin_generation();

/// Objects that live and belong to a generation between `first`, which is 0 for those from before
/// the first call, and the last but one.
std::size_t objects_of_old_generations(std::size_t first) noexcept;

} // namespace lvmpolld::endurance::heap
