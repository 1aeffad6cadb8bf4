// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// Runs the program with the standard descriptors of this one, to its end; its exit status, 128
/// and the signal if one ended it. Throws std::system_error if it cannot be started.
int run_program(const std::vector<std::string>& arguments);

/// What the program prints to standard output, of which at most a page counts; its errors go
/// nowhere. Nothing if it cannot be started, or
/// is silent for 10 s; then it is ended.
std::optional<std::string> output_of(const std::vector<std::string>& arguments);

} // namespace lvmpolld::ctl
