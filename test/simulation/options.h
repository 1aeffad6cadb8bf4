// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::simulation {

struct Options {
    std::optional<std::uint64_t> seed; ///< only this one, with a trace
    std::vector<std::size_t> only;     ///< these decisions of it; empty: all
    std::uint64_t first = 1;           ///< the seed to begin with
    double seconds = 10;               ///< of processor time
    std::size_t failures = 1;          ///< end after so many invariants were violated
    std::string seeds;                 ///< a file of kept seeds; empty: none
};

/// "3,7,12-15"
std::vector<std::size_t> parse_numbers(const std::string& text);

/// Throws std::invalid_argument that says what is wrong.
Options parse_options(int argc, char** argv);

} // namespace lvmpolld::simulation
