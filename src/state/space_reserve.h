// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

namespace lvmpolld {

/// Space in a directory that is set apart while there is some, and given up for records when there
/// is none: enough for some sixteen of them on a file system of memory. As good as it goes: another
/// process may be faster.
class SpaceReserve {
public:
    static constexpr auto file_name = "reserve";
    static constexpr std::size_t bytes = std::size_t{64} << 10;

    /// Sets the space apart if the file system of `directory` has several times as much.
    void make(int directory) noexcept;

    /// Gives the space to others. False if there was none.
    bool give_up(int directory) noexcept;

private:
    bool made_ = false;
};

} // namespace lvmpolld
