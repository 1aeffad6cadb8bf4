// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace lvmpolld::dm {

inline const std::string some_lvid =
    "DUXEbAhfD3QLTgrHbenp4nG6Zt5uobz2nq0rXwO0ByUOz23cwf2mpOHwvShEJ7Ax";

} // namespace lvmpolld::dm
