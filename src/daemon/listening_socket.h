// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "daemon/service_manager.h"

#include <string>
#include <vector>

namespace lvmpolld {

/// The socket on which clients arrive, non-blocking. Made by the service manager, which keeps its
/// file, or by the daemon itself, which removes the file at its end.
class ListeningSocket {
public:
    /// Takes the listening socket for `path` out of `passed`, or else makes it: private to root,
    /// after removing a socket file that nobody answers on. Throws std::system_error or
    /// std::runtime_error that names the path and what stands in the way; `option` names another.
    ListeningSocket(std::string path, std::vector<PassedDescriptor>& passed,
                    const std::string& option = "-s");
    ~ListeningSocket();
    ListeningSocket(const ListeningSocket&) = delete;
    ListeningSocket& operator=(const ListeningSocket&) = delete;

    int get() const noexcept { return socket_.get(); }

private:
    const std::string path_;
    FileDescriptor socket_;
    bool own_file_ = false;
};

} // namespace lvmpolld
