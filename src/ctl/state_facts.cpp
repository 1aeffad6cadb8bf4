// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/state_facts.h"

#include "base/text_file.h"
#include "config/document.h"
#include "state/small_files.h"
#include "state/state_marks.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace lvmpolld::ctl {

namespace {

constexpr auto settings_file = LVMPOLLD_CONFIG_DIR "/lvmpolld.conf";
constexpr auto usual_socket = "/run/lvm/lvmpolld.socket";

std::string setting(const char* name) {
    const auto text = read_text_file(settings_file);
    const auto document = text ? config::Document::parse(*text) : std::nullopt;
    return std::string(document ? document->root().string(name).value_or("") : "");
}

} // namespace

std::string state_directory_of(const Paths& paths) {
    auto path = paths.state_directory;
    if (path.empty() && paths.socket == usual_socket)
        path = setting("state_dir");
    if (path.empty())
        path = paths.socket + ".state";
    return path == "none" ? "" : path;
}

std::optional<StateFacts> state_facts(const std::string& path, bool runs) {
    std::error_code error;
    std::filesystem::directory_iterator files(path, error);
    if (path.empty() || error)
        return std::nullopt;
    StateFacts facts{.path = path};
    for (; files != std::filesystem::directory_iterator() && !error; files.increment(error))
        if (auto name = files->path().filename().string(); is_set_aside(name))
            facts.set_aside.push_back(std::move(name));
    std::ranges::sort(facts.set_aside);
    const auto read = read_crash_history(path);
    const auto* history = read ? std::get_if<CrashHistory>(&*read) : nullptr;
    if (history == nullptr)
        return facts;
    facts.last_crash = history->last_crash;
    facts.unnoticed = history->runs && !runs;
    if (history->runs)
        facts.crashes = history->crashes + (facts.unnoticed ? 1 : 0);
    return facts;
}

} // namespace lvmpolld::ctl
