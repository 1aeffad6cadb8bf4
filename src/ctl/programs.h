// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// Runs the program with the standard descriptors of this one, to its end; its exit status, 128
/// and the signal if one ended it. Throws std::system_error if it cannot be started.
int run_program(const std::vector<std::string>& arguments);

/// What a program has printed, and how it ended.
struct Captured {
    std::string text{};    ///< as far as it counts
    bool cut = false;      ///< there was more
    std::string trouble{}; ///< why there may be no more; empty: it has ended by itself
    int status = 0;        ///< as for run_program(), if it has ended
};

/// What of a program is captured.
struct Capture {
    std::chrono::milliseconds patience{10000}; ///< until its end; then it is ended
    std::size_t most = 4096;                   ///< bytes
    bool errors = false;                       ///< standard error as well; else it goes nowhere
};

/// Runs the program, with no input, and captures what it prints. Throws std::system_error only for
/// want of descriptors.
Captured capture(const std::vector<std::string>& arguments, const Capture& what);

/// The first page of what the program prints to standard output. Nothing if it cannot be started,
/// or has not ended after 10 s; then it is ended.
std::optional<std::string> output_of(const std::vector<std::string>& arguments);

} // namespace lvmpolld::ctl
