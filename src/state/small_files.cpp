// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/small_files.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text_file.h"
#include "base/write_all.h"

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

} // namespace

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

int add_names_in(int directory, std::vector<std::string>& names) {
    const int duplicate = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const Directory entries(duplicate < 0 ? nullptr : ::fdopendir(duplicate));
    if (!entries)
        return errno;
    errno = 0; // is all that tells an error from the end
    while (const dirent* entry = ::readdir(entries.get())) {
        names.emplace_back(entry->d_name);
        errno = 0;
    }
    return errno;
}

std::variant<std::string, Unreadable> read_small_file(int directory, const std::string& name) {
    const FileDescriptor file(
        ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && is_shortage(errno))
        throw_errno("cannot read the record " + name);
    if (!file)
        return Unreadable{std::strerror(errno)};
    auto text = read_all(file.get(), most_bytes);
    if (!text && is_shortage(errno))
        throw_errno("cannot read the record " + name);
    if (!text)
        return Unreadable{std::strerror(errno)};
    if (text->size() > most_bytes)
        return Unreadable{"too large"};
    return *std::move(text);
}

void replace_file(int directory, const std::string& name, std::string_view text) {
    const auto temporary = name + std::string(unfinished);
    const FileDescriptor file(::openat(
        directory, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        throw_errno(temporary);
    try {
        if (!write_all(file.get(), text))
            throw_errno(temporary);
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
