// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"
#include "varlink/json.h"

#include <optional>
#include <string>

namespace lvmpolld::varlink {

/// An entry as JSON, an `Operation` of io.lvmpolld.Operations, and back. What is absent has no key.
std::string operation_text(const overview::Entry& entry);

/// Nothing if it is not one: fields that are not known are passed over, values that are not known
/// are not.
std::optional<overview::Entry> to_entry(const Json& operation);

} // namespace lvmpolld::varlink
