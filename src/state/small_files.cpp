// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/small_files.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace lvmpolld {

namespace {

constexpr std::string_view unfinished = ".new";
constexpr std::string_view put_away = ".set-aside";

/// A record with the longest lvid, sysdir and devicesfile and a claim of every client is far
/// smaller.
constexpr std::size_t most_bytes = std::size_t{1} << 18;

void write_all(int file, std::string_view text, const std::string& name) {
    while (!text.empty()) {
        const auto count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            throw_errno(name, count < 0 ? errno : ENOSPC);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

} // namespace

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

std::vector<std::string> names_in(int directory) {
    const int duplicate = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const Directory entries(duplicate < 0 ? nullptr : ::fdopendir(duplicate));
    if (!entries)
        throw_errno("cannot read the state directory");
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(entries.get()))
        names.emplace_back(entry->d_name);
    return names;
}

std::variant<std::string, Unreadable> read_small_file(int directory, const std::string& name) {
    const FileDescriptor file(
        ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && is_shortage(errno))
        throw_errno("cannot read the record " + name);
    if (!file)
        return Unreadable{std::strerror(errno)};
    std::string text(4096, '\0');
    std::size_t size = 0;
    for (;;) {
        const auto count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && is_shortage(errno))
            throw_errno("cannot read the record " + name);
        if (count < 0)
            return Unreadable{std::strerror(errno)};
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
        if (size > most_bytes)
            return Unreadable{"too large"};
        if (size == text.size())
            text.resize(2 * size);
    }
    text.resize(size);
    return text;
}

void replace_file(int directory, const std::string& name, std::string_view text) {
    const auto temporary = name + std::string(unfinished);
    const FileDescriptor file(::openat(
        directory, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        throw_errno(temporary);
    try {
        write_all(file.get(), text, temporary);
        if (::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0)
            throw_errno(name);
    } catch (const std::system_error&) {
        ::unlinkat(directory, temporary.c_str(), 0);
        throw;
    }
}

bool is_unfinished(std::string_view name) {
    return name.ends_with(unfinished);
}

std::string set_aside(int directory, const std::string& name, const std::string& reason) {
    const auto away = name + std::string(put_away);
    if (::renameat(directory, name.c_str(), directory, away.c_str()) != 0 && errno == ENOENT)
        return {};
    return name + " (" + reason + ")";
}

bool is_set_aside(std::string_view name) {
    return name.ends_with(put_away);
}

} // namespace lvmpolld
