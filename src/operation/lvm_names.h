// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

/// What may be handed on to lvm, whoever gives it: a client, a file, the kernel. Pure.
namespace lvmpolld {

/// Why this is no name of a VG or LV, as LVM has it (lvm(8), "VALID NAMES"): "is too long". Empty:
/// it is one. One that begins with a hyphen would be an option of lvpoll.
std::string_view fault_of_name(std::string_view name);

/// Likewise why no other text of this kind is handed on: a UUID, a path, an interval.
std::string_view fault_of_text(std::string_view text);

} // namespace lvmpolld
