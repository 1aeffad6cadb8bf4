// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <new>
#include <system_error>

namespace lvmpolld {

/// Whether the system has refused something, memory above all, which passes. Any other exception
/// that nobody expected would come again.
inline bool is_refusal(const std::exception& error) noexcept {
    return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
           dynamic_cast<const std::system_error*>(&error) != nullptr;
}

} // namespace lvmpolld
