// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/words.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace lvmpolld::ctl {

/// Where standard output goes, as of now.
struct Terminal {
    bool is_one = false;
    std::size_t columns = 80;
    std::size_t rows = 24;

    static Terminal of_output();
};

/// `colour`: as the command line wants it; absent: on a terminal, unless NO_COLOR is set.
Style style_of_output(std::optional<bool> colour);

/// Throws std::system_error.
void print(std::string_view text);

/// A line to standard error, behind the program's name.
void complain(std::string_view text);

} // namespace lvmpolld::ctl
