// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/settings.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Read unless --config names another.
extern const char* const default_settings_file;

/// What lvmpolld.conf says: `name = value` for each setting, in the grammar of lvm.conf(5). What is
/// wrong in it keeps nobody from serving, for every command of lvm would wait for the daemon: it is
/// a problem to be logged, and as good as not there.
struct SettingsFile {
    std::vector<std::pair<const Setting*, std::string>> values; ///< each can be set
    std::vector<std::string> problems; ///< "PATH:LINE: reason", or "PATH: reason"
};

/// Reads the text of a file, which problems call `path`.
SettingsFile parse_settings(const std::string& path, std::string_view text);

/// Reads the file, and drops a program that can't be run. A file that doesn't exist is empty,
/// unless it was asked for (`is_required`); so is an empty path. Does not wait, whatever the path
/// names.
SettingsFile read_settings(const std::string& path, bool is_required);

} // namespace lvmpolld
