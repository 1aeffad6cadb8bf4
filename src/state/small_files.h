// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "state/record_text.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The files of a directory that is open as `directory`. Errors are std::system_error that names
/// the file.
namespace lvmpolld {

/// The errno value says that memory or descriptors are scarce, which passes.
bool is_shortage(int error);

/// Appends the names of all entries; after an error, of those before it. Returns its errno value,
/// or 0.
int add_names_in(int directory, std::vector<std::string>& names);

/// The whole content of a file that a record may have, or why it can't be one. Throws if there is
/// no memory or no descriptor for it: the file is good then, and another start may read it.
std::variant<std::string, Unreadable> read_small_file(int directory, const std::string& name);

/// Puts the text in the place of the file's content, as a whole (rename(2)). After a failure the
/// file is as it was, and nothing is left beside it.
void replace_file(int directory, const std::string& name, std::string_view text);

/// Whether the name is that of a file that a crash has kept from replacing another.
bool is_unfinished(std::string_view name);

/// Renames the file so that nobody takes it for one of its kind, and gives the reason back with its
/// name; empty if the file is gone already.
std::string set_aside(int directory, const std::string& name, const std::string& reason);

/// Whether the name is that of such a file.
bool is_set_aside(std::string_view name);

} // namespace lvmpolld
