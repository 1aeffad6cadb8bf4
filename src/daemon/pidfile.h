// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <stdexcept>
#include <string>

namespace lvmpolld {

/// The pidfile can't be had: another daemon holds it, or it can't be written.
struct PidfileError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The file with the daemon's PID, locked (fcntl F_SETLK) as long as the daemon lives, removed at
/// its end. The lock belongs to the process: take it after the last fork.
class Pidfile {
public:
    /// Throws PidfileError, which names the file.
    explicit Pidfile(std::string path);
    ~Pidfile();
    Pidfile(const Pidfile&) = delete;
    Pidfile& operator=(const Pidfile&) = delete;

private:
    const std::string path_;
    FileDescriptor file_;
};

} // namespace lvmpolld
