// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings.h"

#include "config/writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace lvmpolld {

namespace {

/// A whole number from 0 to a billion, which is 31 years in seconds.
unsigned whole_number(std::string_view option, std::string_view text) {
    constexpr unsigned most = 1'000'000'000;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most)
        throw UsageError(std::string(option) + " takes a whole number from 0 to 1000000000, not '" +
                         std::string(text) + "'");
    return value;
}

bool switched(std::string_view option, std::string_view text) {
    if (text != "0" && text != "1")
        throw UsageError(std::string(option) + " is 0 or 1, not '" + std::string(text) + "'");
    return text == "1";
}

std::string path(std::string_view option, const std::string& text) {
    if (text.empty())
        throw UsageError(std::string(option) + " takes a path");
    return text;
}

/// The value of the word, among `words`.
template <class Value, std::size_t size>
Value named(std::string_view option, std::string_view word,
            const std::array<std::pair<std::string_view, Value>, size>& words) {
    std::string all;
    for (std::size_t i = 0; i < size; ++i) {
        if (word == words[i].first)
            return words[i].second;
        all += i == 0 ? "" : i + 1 == size ? " or " : ", ";
        all += words[i].first;
    }
    throw UsageError(std::string(option) + " is " + all + ", not '" + std::string(word) + "'");
}

template <class Value, std::size_t size>
std::string name_of(Value value,
                    const std::array<std::pair<std::string_view, Value>, size>& words) {
    const auto* const found =
        std::ranges::find(words, value, [](auto& word) { return word.second; });
    return std::string(found->first);
}

constexpr std::array<std::pair<std::string_view, Options::Engine>, 2> engines{{
    {"watch", Options::Engine::watch},
    {"resident", Options::Engine::resident},
}};

constexpr std::array<std::pair<std::string_view, Verify>, 3> verifications{{
    {"suspect", Verify::suspect},
    {"always", Verify::always},
    {"never", Verify::never},
}};

constexpr std::array<std::pair<std::string_view, Options::Hangup>, 2> hangups{{
    {"stop", Options::Hangup::stop},
    {"reload", Options::Hangup::reload},
}};

constexpr std::array<std::pair<std::string_view, LogLevel>, 7> log_words{{
    {"fatal", LogLevel::fatal},
    {"error", LogLevel::error},
    {"warn", LogLevel::warning},
    {"info", LogLevel::info},
    {"wire", LogLevel::wire},
    {"debug", LogLevel::debug},
    {"cmd", LogLevel::command},
}};

/// The words of `-l`; as in the classical daemon, an unknown word is no error.
void add_log_levels(Options& options, std::string_view words) {
    while (!words.empty()) {
        const auto comma = words.find(',');
        const auto word = words.substr(0, comma);
        words.remove_prefix(comma == words.npos ? words.size() : comma + 1);
        for (const auto& [name, level] : log_words)
            if (word == name || word == "all")
                options.log_levels.insert(level);
        options.verbose_lvm = options.verbose_lvm || word == "cmd";
    }
}

std::string log_levels(const Options& options) {
    std::string text;
    for (const auto& [name, level] : log_words)
        if (options.log_levels.contains(level) &&
            (level != LogLevel::command || options.verbose_lvm))
            text.append(text.empty() ? "" : ",").append(name);
    return text;
}

using config::in_quotes;

std::string path_or_none(const std::string& path) {
    return in_quotes(path.empty() ? "none" : path);
}

// Letter, switch, at the start only.
constexpr std::array<Setting, 14> table{{
    {"socket", 's', false, true,
     [](Options& options, const std::string& text) { options.socket = path("--socket", text); },
     [](const Options& options) { return in_quotes(options.socket); }},
    {"pidfile", 'p', false, true,
     [](Options& options, const std::string& text) { options.pidfile = path("--pidfile", text); },
     [](const Options& options) { return in_quotes(options.pidfile); }},
    {"binary", 'B', false, true,
     [](Options& options, const std::string& text) { options.lvm = path("--binary", text); },
     [](const Options& options) { return in_quotes(options.lvm); }},
    {"timeout", 't', false, false,
     [](Options& options, const std::string& text) {
         options.idle_exit = std::chrono::seconds(whole_number("--timeout", text));
     },
     [](const Options& options) { return std::to_string(options.idle_exit.count()); }},
    {"log", 'l', false, false,
     [](Options& options, const std::string& text) { add_log_levels(options, text); },
     [](const Options& options) { return in_quotes(log_levels(options)); }},
    {"engine", 0, false, true,
     [](Options& options, const std::string& text) {
         options.engine = named("--engine", text, engines);
     },
     [](const Options& options) { return in_quotes(name_of(options.engine, engines)); }},
    {"verify", 0, false, true,
     [](Options& options, const std::string& text) {
         options.verify = named("--verify", text, verifications);
     },
     [](const Options& options) { return in_quotes(name_of(options.verify, verifications)); }},
    {"adopt", 0, true, true,
     [](Options& options, const std::string& text) { options.adopt = switched("--adopt", text); },
     [](const Options& options) { return std::string(options.adopt ? "1" : "0"); }},
    {"result-age", 0, false, false,
     [](Options& options, const std::string& text) {
         options.retention.age = std::chrono::seconds(whole_number("--result-age", text));
     },
     [](const Options& options) { return std::to_string(options.retention.age.count()); }},
    {"max-results", 0, false, false,
     [](Options& options, const std::string& text) {
         options.retention.results = whole_number("--max-results", text);
     },
     [](const Options& options) { return std::to_string(options.retention.results); }},
    {"state-dir", 0, false, true,
     [](Options& options, const std::string& text) {
         options.state_directory = path("--state-dir", text);
     },
     [](const Options& options) { return path_or_none(options.state_directory); }},
    {"varlink-socket", 0, false, true,
     [](Options& options, const std::string& text) {
         options.varlink_socket = path("--varlink-socket", text);
     },
     [](const Options& options) { return path_or_none(options.varlink_socket); }},
    {"hangup", 0, false, true,
     [](Options& options, const std::string& text) {
         options.hangup = named("--hangup", text, hangups);
     },
     [](const Options& options) { return in_quotes(name_of(options.hangup, hangups)); }},
    {"watchdog", 0, false, true,
     [](Options& options, const std::string& text) {
         options.watchdog = std::chrono::seconds(whole_number("--watchdog", text));
     },
     [](const Options& options) { return std::to_string(options.watchdog.count()); }},
}};

/// Of a path that may be absent: `chosen` is empty if nobody has named one.
void complete(std::string& chosen, std::string otherwise) {
    if (chosen.empty())
        chosen = std::move(otherwise);
    else if (chosen == "none")
        chosen.clear();
}

} // namespace

std::span<const Setting> settings() noexcept {
    return table;
}

std::string name_in_file(const Setting& setting) {
    std::string name = setting.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

const Setting* setting_of_file(std::string_view key) noexcept {
    const auto matches = [key](const Setting& setting) {
        return std::ranges::equal(std::string_view(setting.name), key,
                                  [](char a, char b) { return (a == '-' ? '_' : a) == b; });
    };
    const auto* const found = std::ranges::find_if(table, matches);
    return found == table.end() ? nullptr : found;
}

void complete(Options& options) {
    complete(options.state_directory, options.socket + ".state");
    complete(options.varlink_socket, options.socket == default_socket
                                         ? default_varlink_socket
                                         : options.socket + ".varlink");
}

std::string shown(const Options& options) {
    std::string text;
    for (const auto& setting : table)
        text += name_in_file(setting) + " = " + setting.shown(options) + "\n";
    return text;
}

} // namespace lvmpolld
