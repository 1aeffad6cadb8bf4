// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>

namespace lvmpolld {

/// The completion of a coroutine on which others rely. Asio's `detached` drops an exception: then
/// the daemon would be there and deaf, or an operation in progress for ever. This one ends the
/// process; the next goes on with its operations.
inline constexpr auto must_not_fail = [](const std::exception_ptr& failure) {
    if (failure)
        std::rethrow_exception(failure);
};

} // namespace lvmpolld
