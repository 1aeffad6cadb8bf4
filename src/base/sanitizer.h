// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace lvmpolld {

// g++ has a macro for each sanitizer, Clang a feature.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool under_a_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool under_a_sanitizer = true;
#else
inline constexpr bool under_a_sanitizer = false;
#endif
#else
inline constexpr bool under_a_sanitizer = false;
#endif

} // namespace lvmpolld
