// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/options.h"

#include <span>
#include <string>
#include <string_view>

namespace lvmpolld {

/// One thing that both the command line and lvmpolld.conf can say. All of them are one table.
struct Setting {
    const char* name;   ///< of the long option; in the file `_` stands for `-`
    char letter;        ///< of the short option; 0: there is none
    bool is_switch;     ///< as an option it has no value; in the file it is 0 or 1
    bool at_start_only; ///< a reload can't change it

    /// Takes the value. Throws UsageError, which names the option, if it isn't one.
    void (*set)(Options& options, const std::string& value);

    /// The value as it stands in the file. Of complete options.
    std::string (*shown)(const Options& options);
};

std::span<const Setting> settings() noexcept;

/// The setting with this name in the file, or null.
const Setting* setting_of_file(std::string_view key) noexcept;

/// The name in the file: `result_age`.
std::string name_in_file(const Setting& setting);

/// Fills in what follows from other settings: the paths beside the socket.
void complete(Options& options);

/// All settings with their values, in the grammar of the file.
std::string shown(const Options& options);

} // namespace lvmpolld
