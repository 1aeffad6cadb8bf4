// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump_client.h"

#include "base/error.h"
#include "base/unix_socket.h"
#include "wire/framing.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace lvmpolld {

namespace {

void print_lines(std::string_view text) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        std::printf("  %.*s\n", static_cast<int>(line.size()), line.data());
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw_errno("cannot write the dump");
}

} // namespace

void print_dump(const std::string& path) {
    const auto socket = connect_to_socket(path);
    if (!socket)
        throw_errno("no lvmpolld answers on " + path);
    if (::send(socket.get(), wire::dump_request.data(), wire::dump_request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(wire::dump_request.size()))
        throw_errno("cannot ask lvmpolld on " + path);
    wire::Framing framing(std::numeric_limits<std::size_t>::max() / 4);
    for (;;) {
        if (const auto next = framing.next();
            const auto* reply = std::get_if<std::string_view>(&next))
            return print_lines(*reply);
        const auto space = framing.space();
        const auto count = ::recv(socket.get(), space.data(), space.size(), 0);
        if (count < 0)
            throw_errno("cannot read the answer of lvmpolld on " + path);
        if (count == 0)
            throw std::runtime_error("lvmpolld on " + path +
                                     " closed the connection before it answered");
        framing.received(static_cast<std::size_t>(count));
    }
}

} // namespace lvmpolld
