// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
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

/// The rest of an open file; of a larger one than `most` bytes, somewhat more than these. Nothing,
/// and errno says why, if it can't be read.
inline std::optional<std::string> read_all(int file, std::size_t most) {
    std::string text(4096, '\0');
    std::size_t size = 0;
    while (size <= most) {
        const auto count = ::read(file, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::nullopt;
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
        if (size == text.size())
            text.resize(2 * size);
    }
    text.resize(size);
    return text;
}

} // namespace lvmpolld
