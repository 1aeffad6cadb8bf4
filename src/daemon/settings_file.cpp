// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/settings_file.h"

#include "base/file_descriptor.h"
#include "base/joined.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "config/document.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>

namespace lvmpolld {

namespace {

/// The value of an entry as the command line would have it; a list is joined by commas.
std::string text_of(const config::Section& file, std::string_view key) {
    if (const auto number = file.integer64(key))
        return std::to_string(*number);
    return joined(file.strings(key), ",");
}

/// Why the setting can't have this value, in words that begin with its name; empty if it can.
std::string objection(const Setting& setting, const std::string& value) {
    try {
        Options scratch;
        setting.set(scratch, value);
        return "";
    } catch (const UsageError& error) { // "--timeout takes ..."
        const std::string_view reason = error.what();
        return std::string(reason.substr(reason.starts_with("--") ? 2 : 0));
    }
}

class Reader {
public:
    Reader(const std::string& path, std::string_view text) : path_(path), text_(text) {}

    SettingsFile read() {
        std::size_t stopped_at = 0;
        const auto document = config::Document::parse(text_, &stopped_at);
        if (document)
            for (const auto key : document->root().keys())
                take(document->root(), key);
        else if (!config::Document::is_blank(text_))
            complain(stopped_at, "this is not the grammar of lvm.conf (NAME = VALUE); nothing of "
                                 "the file holds");
        return std::move(result_);
    }

private:
    void take(const config::Section& file, std::string_view key) {
        const auto at = offset_of(key);
        const auto* setting = setting_of_file(key);
        if (setting == nullptr)
            return complain(at, "there is no setting '" + std::string(key) + "'");
        if (std::ranges::find(result_.values, setting, [](auto& value) { return value.first; }) !=
            result_.values.end())
            return complain(at, "'" + std::string(key) + "' is set for the second time");
        auto value = text_of(file, key);
        if (const auto reason = objection(*setting, value); !reason.empty())
            return complain(at, reason);
        result_.values.emplace_back(setting, std::move(value));
    }

    /// Where the key stands; nothing if it isn't written as it is.
    std::optional<std::size_t> offset_of(std::string_view key) const {
        const std::less_equal<> before; // also of pointers into different texts
        if (before(text_.data(), key.data()) && before(key.data(), text_.data() + text_.size()))
            return static_cast<std::size_t>(key.data() - text_.data());
        return std::nullopt;
    }

    void complain(std::optional<std::size_t> at, const std::string& reason) {
        std::string place = path_;
        if (at)
            place += ":" + std::to_string(1 + std::ranges::count(text_.substr(0, *at), '\n'));
        result_.problems.push_back(place + ": " + reason);
    }

    const std::string& path_;
    const std::string_view text_;
    SettingsFile result_;
};

/// The whole file; else `problem` says why not. A path that doesn't exist: ENOENT.
std::optional<std::string> content(const std::string& path, std::string& problem) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));

    struct stat status {};

    if (!file || ::fstat(file.get(), &status) != 0) {
        problem = std::strerror(errno);
        return std::nullopt;
    }
    if (!S_ISREG(status.st_mode)) {
        problem = "this is no regular file";
        return std::nullopt;
    }
    auto text = read_all(file.get(), limits::settings_file);
    if (!text)
        problem = std::strerror(errno);
    else if (text->size() > limits::settings_file)
        problem = "the file has more than " + std::to_string(limits::settings_file) + " bytes";
    if (!problem.empty())
        return std::nullopt;
    return text;
}

/// A program that isn't there is a wrong value, too: the daemon does not start without one.
void check_programs(SettingsFile& file, const std::string& path) {
    std::erase_if(file.values, [&](const auto& value) {
        const auto& [setting, text] = value;
        if (setting != setting_of_file("binary") || ::access(text.c_str(), X_OK) == 0)
            return false;
        file.problems.push_back(path + ": cannot run the binary " + text + ": " +
                                std::strerror(errno));
        return true;
    });
}

} // namespace

const char* const default_settings_file = LVMPOLLD_CONFIG_DIR "/lvmpolld.conf";

SettingsFile parse_settings(const std::string& path, std::string_view text) {
    return Reader(path, text).read();
}

SettingsFile read_settings(const std::string& path, bool is_required) {
    if (path.empty() || (!is_required && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT))
        return {};
    std::string problem;
    const auto text = content(path, problem);
    if (!text)
        return {{}, {path + ": " + problem}};
    auto file = parse_settings(path, *text);
    check_programs(file, path);
    return file;
}

} // namespace lvmpolld
