// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace lvmpolld {

/// The beginning, up to a page, of a small file such as sysfs has; nothing if it can't be read.
inline std::optional<std::string> read_text_file(const char* path) {
    const FileDescriptor file(::open(path, O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> text;
    const auto size = file ? ::read(file.get(), text.data(), text.size()) : -1;
    if (size < 0)
        return std::nullopt;
    return std::string(text.data(), static_cast<std::size_t>(size));
}

} // namespace lvmpolld
