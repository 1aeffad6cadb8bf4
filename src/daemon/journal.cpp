// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/journal.h"

#include "base/limits.h"
#include "base/unix_socket.h"

#include <sys/socket.h>
#include <syslog.h>

#include <cstdint>
#include <exception>

namespace lvmpolld {

namespace {

/// The value, or its beginning: whole characters of UTF-8, since journalctl shows no text that is
/// none.
std::string bounded(std::string_view value) {
    if (value.size() <= limits::journal_field_bytes)
        return std::string(value);
    auto end = limits::journal_field_bytes;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80)
        --end;
    return std::string(value.substr(0, end)) + "... (cut: " + std::to_string(value.size()) +
           " bytes)";
}

/// A value with a newline is preceded by its size.
void add_field(std::string& entry, std::string_view name, std::string_view whole) {
    const auto value = bounded(whole);
    entry.append(name);
    if (value.find('\n') == value.npos) {
        entry += '=';
    } else {
        entry += '\n';
        std::uint64_t size = value.size();
        for (int byte = 0; byte < 8; ++byte, size >>= 8U) // little endian
            entry += static_cast<char>(size & 0xffU);
    }
    entry.append(value) += '\n';
}

} // namespace

std::string journal_entry(int priority, std::string_view message, const LogFields& fields) {
    std::string entry;
    add_field(entry, "MESSAGE", message);
    add_field(entry, "PRIORITY", std::to_string(priority));
    add_field(entry, "SYSLOG_FACILITY", std::to_string(LOG_FAC(LOG_DAEMON)));
    add_field(entry, "SYSLOG_IDENTIFIER", "lvmpolld");
    for (const auto& [name, value] : fields)
        add_field(entry, name, value);
    return entry;
}

bool Journal::send(int priority, std::string_view message, const LogFields& fields) noexcept {
    try {
        if (!socket_)
            socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (!socket_)
            return false;
        const auto entry = journal_entry(priority, message, fields);
        // By its path each time: journald may be another one since.
        const auto address = unix_address(path_);
        return ::sendto(socket_.get(), entry.data(), entry.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&address), sizeof(address)) >= 0;
    } catch (const std::exception&) {
        return false;
    }
}

} // namespace lvmpolld
