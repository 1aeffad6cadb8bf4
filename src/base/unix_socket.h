// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <sys/un.h>

#include <string>

namespace lvmpolld {

/// Of the socket at `path`. Throws std::system_error if that is too long (unix(7)).
sockaddr_un unix_address(const std::string& path);

/// A stream to whoever listens at `path`. Each wait on it ends after limits::client_stall. Empty if
/// there is no connection; errno says why. Throws std::system_error if no socket can be made.
FileDescriptor connect_to_socket(const std::string& path);

} // namespace lvmpolld
