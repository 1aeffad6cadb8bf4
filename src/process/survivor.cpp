// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/survivor.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/text_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <map>
#include <optional>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

/// How long to wait for the ends of all execs that are under way, and how often to look: no event
/// tells of them.
constexpr auto longest_exec = 5s;
constexpr auto exec_pause = 1ms;

constexpr int arguments_looked_at = 3;

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

/// Fields of /proc/PID/stat, as proc(5) numbers them.
enum StatField { parent = 4, end_of_code = 27, start_of_stack = 28, end_of_environment = 51 };

std::string stat_field(std::string_view stat, StatField number) {
    stat.remove_prefix(std::min(stat.size(), stat.rfind(')') + 1)); // names may contain spaces
    for (int field = 2; field < number; ++field)
        stat.remove_prefix(std::min(stat.size(), stat.find(' ') + 1));
    return std::string(stat.substr(0, stat.find(' ')));
}

std::string read_stat(pid_t pid) {
    return read_text_file(("/proc/" + std::to_string(pid) + "/stat").c_str()).value_or("");
}

/// What tells the program that runs from one before or after it; nothing in the middle of an exec.
/// Then a process has no arguments yet, or arguments without an environment: the kernel sets where
/// the code ends after both.
std::optional<std::string> image_of(pid_t pid) {
    const auto stat = read_stat(pid);
    const auto code = stat_field(stat, end_of_code);
    if (code == "0" && has_program(pid))
        return std::nullopt;
    return code + ' ' + stat_field(stat, start_of_stack) + ' ' +
           stat_field(stat, end_of_environment);
}

pid_t parent_of(pid_t pid) {
    const auto text = stat_field(read_stat(pid), parent);
    pid_t result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
}

void wait_a_moment_for_the_exec_of(pid_t pid) {
    const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pollfd end{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, exec_pause.count());
}

/// The words of one program, read while no exec took place: that is waited for, at most until
/// `deadline`.
std::string settled_words(pid_t pid, const char* file,
                          std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        const auto before = image_of(pid);
        if (!before)
            wait_a_moment_for_the_exec_of(pid);
        auto words = read_words(pid, file);
        if ((before && before == image_of(pid)) || std::chrono::steady_clock::now() >= deadline)
            return words;
    }
}

/// What the arguments say. A program that has the one looked for as its first argument is no
/// wrapper of another: its children are its own helpers, also in the moment before their exec.
enum class Kind { other, program, wrapper_or_script };

Kind kind_of(std::string_view words, std::string_view argument) {
    take_word(words);
    for (int number = 0; number < arguments_looked_at; ++number)
        if (take_word(words) == argument)
            return number == 0 ? Kind::program : Kind::wrapper_or_script;
    return Kind::other;
}

Kind kind_of(pid_t pid, std::string_view argument, std::chrono::steady_clock::time_point deadline) {
    const auto words = read_words(pid, "cmdline");
    // Nearly all of them: the daemon looks at each process of the host.
    if (words.empty() ? !has_program(pid) : kind_of(words, argument) == Kind::other)
        return Kind::other;
    return kind_of(settled_words(pid, "cmdline", deadline), argument);
}

std::optional<std::string> mark_in(std::string_view words, std::string_view variable,
                                   std::string_view prefix) {
    while (!words.empty()) {
        auto word = take_word(words);
        if (!word.starts_with(variable) || !word.substr(variable.size()).starts_with('='))
            continue;
        word.remove_prefix(variable.size() + 1);
        if (word.starts_with(prefix))
            return std::string(word);
    }
    return std::nullopt;
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> result;
    const Directory processes(::opendir("/proc"));
    if (!processes)
        throw_errno("cannot look in /proc for processes of an earlier daemon");
    while (const dirent* entry = ::readdir(processes.get())) {
        pid_t pid = 0;
        const char* const end = entry->d_name + std::strlen(entry->d_name);
        if (const auto [rest, error] = std::from_chars(entry->d_name, end, pid);
            error == std::errc() && rest == end)
            result.push_back(pid);
    }
    return result;
}

} // namespace

std::vector<Survivor> find_survivors(std::string_view argument, std::string_view variable,
                                     std::string_view prefix) {
    const auto deadline = std::chrono::steady_clock::now() + longest_exec;
    std::map<pid_t, Kind> wanted;
    for (const pid_t pid : all_processes())
        if (const auto kind = kind_of(pid, argument, deadline); kind != Kind::other)
            wanted.emplace(pid, kind);
    const auto is_helper = [&](pid_t pid) {
        const auto parent = wanted.find(parent_of(pid));
        return parent != wanted.end() && parent->second == Kind::program;
    };
    std::vector<Survivor> survivors;
    std::map<std::string, std::size_t> place_of_mark;
    for (const auto& [pid, kind] : wanted) {
        if (is_helper(pid))
            continue;
        FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!pidfd && errno != ESRCH)
            throw_errno("cannot watch process " + std::to_string(pid) +
                        ", perhaps of an earlier daemon");
        auto mark = pidfd ? mark_in(settled_words(pid, "environ", deadline), variable, prefix)
                          : std::nullopt;
        if (!mark)
            continue;
        const auto [place, is_first] = place_of_mark.emplace(*mark, survivors.size());
        auto& run = is_first ? survivors : survivors[place->second].companions;
        run.push_back({std::move(*mark), pid, std::move(pidfd)});
    }
    return survivors;
}

} // namespace lvmpolld
