// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// Lines that are drawn over again in the same place of a terminal. Pure: it makes what is to be
/// written.
class Screen {
public:
    /// `columns`: the width of the terminal now. One that has become narrower since the last frame
    /// has broken its lines.
    std::string frame(const std::vector<std::string>& lines, std::size_t columns);

private:
    std::vector<std::size_t> drawn_; ///< columns of the lines that are there
};

} // namespace lvmpolld::ctl
