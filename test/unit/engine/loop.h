// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <asio/io_context.hpp>

namespace lvmpolld {

/// An event loop whose coroutines can be destroyed before what they refer to.
struct Loop : asio::io_context {
    using asio::execution_context::shutdown;
    using asio::io_context::io_context;
};

} // namespace lvmpolld
