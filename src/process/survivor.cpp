// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/survivor.h"

#include "base/directory.h"
#include "base/error.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_exec = 100ms;

/// Words as in /proc/PID/cmdline, each ended by a NUL.
std::string read_words(pid_t pid, const char* file) {
    const auto path = "/proc/" + std::to_string(pid) + "/" + file;
    const FileDescriptor words(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> buffer;
    ssize_t count = 0;
    while (words && (count = ::read(words.get(), buffer.data(), buffer.size())) > 0)
        text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
}

std::string_view take_word(std::string_view& words) {
    const auto word = words.substr(0, words.find('\0'));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    return word;
}

/// Neither a kernel's thread nor a zombie.
bool has_program(pid_t pid) {
    char first = 0;
    return ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), &first, 1) > 0;
}

/// For an instant in the middle of its exec a process has no words.
std::string read_command_line(pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + longest_exec;
    auto text = read_words(pid, "cmdline");
    while (text.empty() && has_program(pid) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
        text = read_words(pid, "cmdline");
    }
    return text;
}

bool has_first_argument(pid_t pid, std::string_view argument) {
    const auto text = read_command_line(pid);
    std::string_view words = text;
    take_word(words);
    return take_word(words) == argument;
}

std::optional<std::string> mark_of(pid_t pid, std::string_view variable, std::string_view prefix) {
    const auto text = read_words(pid, "environ");
    for (std::string_view words = text; !words.empty();) {
        auto word = take_word(words);
        if (!word.starts_with(variable) || !word.substr(variable.size()).starts_with('='))
            continue;
        word.remove_prefix(variable.size() + 1);
        if (word.starts_with(prefix))
            return std::string(word);
    }
    return std::nullopt;
}

} // namespace

std::vector<Survivor> find_survivors(std::string_view argument, std::string_view variable,
                                     std::string_view prefix) {
    std::vector<Survivor> survivors;
    const Directory processes(::opendir("/proc"));
    if (!processes)
        throw_errno("cannot look in /proc for processes of an earlier daemon");
    while (const dirent* entry = ::readdir(processes.get())) {
        pid_t pid = 0;
        const char* const end = entry->d_name + std::strlen(entry->d_name);
        if (const auto [rest, error] = std::from_chars(entry->d_name, end, pid);
            error != std::errc() || rest != end || !has_first_argument(pid, argument))
            continue;
        FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!pidfd && errno != ESRCH)
            throw_errno("cannot watch process " + std::to_string(pid) + ", perhaps of an earlier daemon");
        auto mark = pidfd ? mark_of(pid, variable, prefix) : std::nullopt;
        if (mark)
            survivors.push_back({std::move(*mark), pid, std::move(pidfd)});
    }
    return survivors;
}

} // namespace lvmpolld
