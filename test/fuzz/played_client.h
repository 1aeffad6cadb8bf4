// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "recorded.h"

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld {

/// One connection of a client: what it sends, and whether what it is told is the reply to each of
/// its requests, and true.
struct PlayedClient {
    FileDescriptor socket; ///< none: it is not connected
    std::string sent;
    std::string received;
    std::size_t checked = 0; ///< replies
    bool reads = true;
    bool was_late = false; ///< at some time it did not read
    bool half_closed = false;
    bool full = false;               ///< its socket took less than was sent: it sends nothing more
    bool too_long = false;           ///< it has sent a request that never ends
    bool cut = false;                ///< the daemon's end was its own
    bool over = false;               ///< the daemon has ended the connection
    std::chrono::seconds stalled{0}; ///< in the middle of a request, or without reading
    std::set<std::pair<bool, std::string>> accepted; ///< no result of these has come yet

    bool can_send() const { return socket && !half_closed && !full; }

    void send(std::string_view text);

    /// False if the socket takes nothing.
    bool send_piece_without_end(std::string_view piece);

    void half_close();
    void turn_reading();

    /// So much time passes.
    void pass(std::chrono::seconds time);

    /// Reads and checks what has come. False if that is nothing.
    bool receive(const Recorded& records);

    /// Each of its requests has its reply, if it may expect that.
    void end() const;

private:
    bool may_be_ended() const;
    void check_replies(const Recorded& records);
    void check(std::string_view message, std::string_view reply, const Recorded& records);
};

} // namespace lvmpolld
