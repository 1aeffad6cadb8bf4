// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"

#include <string>
#include <string_view>

namespace lvmpolld {

/// The bytes of a journal entry, as journald takes them in one datagram (systemd.io,
/// JOURNAL_NATIVE_PROTOCOL). A value over limits::journal_field_bytes is cut, and says so at its
/// end. Pure.
std::string journal_entry(int priority, std::string_view message, const LogFields& fields);

/// Sends entries to journald, with fields that `journalctl LVM_VG=vg0` finds. It never waits for
/// journald. One thread at a time.
///
/// Each entry is one datagram: only what a client makes up is large, at the level `wire`. A sealed
/// memfd, the protocol's way for more, would take that whole, at the price of a descriptor and a
/// copy for each; whoever reads such a line needs its beginning.
class Journal {
public:
    static constexpr const char* socket_path = "/run/systemd/journal/socket";

    explicit Journal(std::string path) : path_(std::move(path)) {}

    /// False if journald has not got it: it does not run, or takes nothing at the moment. The
    /// message is then to be written elsewhere.
    bool send(int priority, std::string_view message, const LogFields& fields) noexcept;

private:
    const std::string path_;
    FileDescriptor socket_; ///< from the first message on
};

} // namespace lvmpolld
