// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

/// How much a message matters. `notice` is the ordinary that everybody is shown: the begin and the
/// end of an operation. `wire` and `command` are the traffic and the children's command lines.
enum class LogLevel { fatal, error, warning, notice, info, debug, wire, command };

/// What a message is about, beside its text: names of fields as the journal takes them ("LVM_VG"),
/// which are literals, and their values.
using LogFields = std::vector<std::pair<std::string_view, std::string>>;

/// Where messages go. Any thread; never blocks.
class Log {
public:
    virtual ~Log() = default;

    /// Whether a message of this level goes anywhere: saves the making of those that don't.
    virtual bool enabled(LogLevel level) const noexcept = 0;

    /// Takes one message of one line, without its newline.
    virtual void write(LogLevel level, std::string message) noexcept = 0;

    /// Likewise. A log that is text alone drops the fields.
    // NOLINTNEXTLINE(performance-unnecessary-value-param): a log that keeps them takes them over
    virtual void write(LogLevel level, std::string message, LogFields fields) noexcept {
        static_cast<void>(fields);
        write(level, std::move(message));
    }
};

} // namespace lvmpolld
