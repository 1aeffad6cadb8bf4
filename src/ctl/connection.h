// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "ctl/events.h"
#include "wire/framing.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld::ctl {

/// A connection to a daemon's socket, on which messages go in both directions.
class Connection {
public:
    /// Nothing if nobody listens there. `limit` and `end`: of messages, as for wire::Framing.
    /// Throws std::system_error.
    static std::optional<Connection> open(const std::string& path, std::size_t limit,
                                          std::string_view end);

    /// A message with its end. Throws SourceLost.
    void send(std::string_view message);

    /// The next message, without its end; valid until the next call. Throws SourceLost, also if
    /// there is none within limits::client_stall.
    std::string_view receive();

    /// Likewise; nothing if there is none until `until`, or if a signal came.
    std::optional<std::string_view> receive(Events& events, Events::Time until);

    /// A message that is there already.
    std::optional<std::string_view> received();

private:
    Connection(FileDescriptor socket, std::size_t limit, std::string_view end)
        : socket_(std::move(socket)), framing_(limit, end) {}

    void read();

    FileDescriptor socket_;
    wire::Framing framing_;
};

/// The dump of the daemon whose socket that is; nothing if nobody listens there. Throws SourceLost
/// and std::system_error.
std::optional<std::string> dump_of(const std::string& socket);

} // namespace lvmpolld::ctl
