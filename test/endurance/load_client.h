// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <string>
#include <string_view>

namespace lvmpolld::endurance {

/// A client as lvm is one, on a socket of its own. Failures are exceptions.
class LoadClient {
public:
    explicit LoadClient(const std::string& socket_path);

    /// Sends a request and does not wait for its reply.
    void send(std::string_view request);

    /// The next reply, with its terminator.
    std::string reply();

private:
    FileDescriptor socket_;
    std::string received_;
};

} // namespace lvmpolld::endurance
