// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvpoll/lock_holder.h"

#include "base/file_descriptor.h"
#include "base/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace lvmpolld {

namespace {

std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

/// `12: FLOCK  ADVISORY  WRITE 4711 00:17:33 0 EOF`, with `->` behind the number if it waits.
struct LockLine {
    explicit LockLine(std::string_view line) : number(next_word(line)) {
        auto word = next_word(line);
        waits = word == "->";
        if (waits)
            word = next_word(line);
        next_word(line); // ADVISORY or MANDATORY
        next_word(line); // READ or WRITE
        word = next_word(line);
        std::from_chars(word.data(), word.data() + word.size(), pid);
    }

    std::string_view number;
    bool waits = false;
    pid_t pid = 0;
};

std::string read_all(const char* path) {
    std::string text;
    const FileDescriptor file(::open(path, O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> piece;
    while (file) {
        const auto size = ::read(file.get(), piece.data(), piece.size());
        if (size <= 0)
            break;
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
    return text;
}

} // namespace

std::optional<pid_t> find_lock_holder(std::string_view locks, pid_t waiter) {
    std::optional<LockLine> holder;
    while (!locks.empty()) {
        const auto text = locks.substr(0, locks.find('\n'));
        locks.remove_prefix(std::min(text.size() + 1, locks.size()));
        const LockLine line(text);
        if (!line.waits)
            holder = line;
        else if (line.pid == waiter && holder && line.number == holder->number)
            return holder->pid;
    }
    return std::nullopt;
}

std::optional<LockHolder> lock_holder_for(pid_t waiter) {
    const auto holder = find_lock_holder(read_all("/proc/locks"), waiter);
    if (!holder)
        return std::nullopt;
    const auto file = "/proc/" + std::to_string(*holder) + "/comm";
    auto name = read_text_file(file.c_str()).value_or("");
    return LockHolder{*holder, name.substr(0, name.find('\n'))};
}

} // namespace lvmpolld
