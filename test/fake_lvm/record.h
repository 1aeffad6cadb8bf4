// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace fake_lvm {

/// A string of JSON. Bytes above 127 become \u0080 to \u00ff, so that any environment can be
/// recorded.
std::string json(std::string_view text);

/// How this process was started, as members of a JSON object: its arguments, environment,
/// descriptors and signals. `descriptors` is what open_descriptors() has found before any other was
/// opened.
std::string record(int argc, char** argv, const std::string& descriptors, bool alone);

/// The open descriptors and what they are, as a JSON object.
std::string open_descriptors();

} // namespace fake_lvm
