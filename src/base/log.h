// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace lvmpolld {

/// What a message is about; `wire` and `command` are the traffic and the children's command lines.
enum class LogLevel { fatal, error, warning, info, debug, wire, command };

/// Where messages go. Any thread; never blocks.
class Log {
public:
    virtual ~Log() = default;

    /// Whether a message of this level goes anywhere: saves the making of those that don't.
    virtual bool enabled(LogLevel level) const noexcept = 0;

    /// Takes one message of one line, without its newline.
    virtual void write(LogLevel level, std::string message) noexcept = 0;
};

} // namespace lvmpolld
