// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <dirent.h>
#include <map>
#include <unistd.h>
#include <vector>

namespace fake_lvm {

namespace {

template <typename Range, typename Format>
std::string joined(const Range& range, const Format& format) {
    std::string text;
    for (const auto& element : range)
        text += (text.empty() ? "" : ", ") + format(element);
    return text;
}

std::string json_list(const std::vector<std::string>& texts) {
    return "[" + joined(texts, [](const std::string& text) { return json(text); }) + "]";
}

std::string json_list(const std::vector<int>& numbers) {
    return "[" + joined(numbers, [](int number) { return std::to_string(number); }) + "]";
}

std::string json_map(const std::map<int, std::string>& entries) {
    return "{" +
           joined(entries,
                  [](const auto& entry) {
                      return json(std::to_string(entry.first)) + ": " + json(entry.second);
                  }) +
           "}";
}

std::vector<int> blocked_signals() {
    sigset_t mask;
    ::sigprocmask(SIG_BLOCK, nullptr, &mask);
    std::vector<int> blocked;
    for (int number = 1; number < NSIG; ++number)
        if (::sigismember(&mask, number) == 1)
            blocked.push_back(number);
    return blocked;
}

std::vector<int> ignored_signals() {
    std::vector<int> ignored;
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};

        if (::sigaction(number, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
            action.sa_handler == SIG_IGN)
            ignored.push_back(number);
    }
    return ignored;
}

} // namespace

std::string json(std::string_view text) {
    std::string quoted = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
            quoted += character;
        } else {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
            quoted += escape.data();
        }
    }
    return quoted + '"';
}

std::string open_descriptors() {
    std::map<int, std::string> descriptors;
    DIR* directory = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(directory)) {
        const std::string name = entry->d_name;
        if (name[0] == '.' || name == std::to_string(::dirfd(directory)))
            continue;
        std::array<char, 4096> target{};
        const ssize_t size =
            ::readlinkat(::dirfd(directory), name.c_str(), target.data(), target.size());
        descriptors[std::stoi(name)] =
            std::string(target.data(), static_cast<std::size_t>(size < 0 ? 0 : size));
    }
    ::closedir(directory);
    return json_map(descriptors);
}

std::string record(int argc, char** argv, const std::string& descriptors, bool alone) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.emplace_back(*entry);
    return "\"pid\": " + std::to_string(::getpid()) + ", \"ppid\": " + std::to_string(::getppid()) +
           ", \"alone\": " + (alone ? "true" : "false") + ", \"argv0\": " + json(argv[0]) +
           ", \"argv\": " + json_list(arguments) + ", \"environment\": " + json_list(environment) +
           ", \"descriptors\": " + descriptors + ", \"blocked\": " + json_list(blocked_signals()) +
           ", \"ignored\": " + json_list(ignored_signals());
}

} // namespace fake_lvm
