// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Keeps what is written, of all levels. One thread at a time.
class RecordingLog final : public Log {
public:
    bool enabled(LogLevel) const noexcept override { return true; }

    void write(LogLevel level, std::string message) noexcept override {
        write(level, std::move(message), {});
    }

    void write(LogLevel level, std::string message, LogFields about) noexcept override {
        messages.emplace_back(level, std::move(message));
        fields.push_back(std::move(about));
    }

    /// Whether a message of this level contains `text`.
    bool has(LogLevel level, std::string_view text) const { return count(level, text) > 0; }

    /// How many messages of this level contain `text`.
    std::size_t count(LogLevel level, std::string_view text = "") const {
        return static_cast<std::size_t>(
            std::count_if(messages.begin(), messages.end(), [&](const auto& message) {
                return message.first == level && message.second.find(text) != std::string::npos;
            }));
    }

    /// The value of a field of the last message that has it; empty if none has.
    std::string field(std::string_view name) const {
        std::string value;
        for (const auto& about : fields)
            for (const auto& [key, text] : about)
                if (key == name)
                    value = text;
        return value;
    }

    std::vector<std::pair<LogLevel, std::string>> messages;
    std::vector<LogFields> fields; ///< of each message
};

} // namespace lvmpolld
