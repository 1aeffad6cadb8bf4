// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/report_state.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "ctl/report_part.h"
#include "ctl/units.h"
#include "state/small_files.h"
#include "state/space_reserve.h"
#include "state/state_directory.h"
#include "state/state_marks.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace lvmpolld::ctl {

namespace {

/// Files and bytes of each that are shown.
constexpr std::size_t most_files = 64;
constexpr std::size_t most_bytes = 4096;

/// They are no text.
constexpr std::array<std::string_view, 3> binary_files{
    StateDirectory::answer_marks_name, StateMarks::file_name, SpaceReserve::file_name};

void list(ReportPart& part, int directory, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        struct stat status {};

        if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue; // it has gone meanwhile
        std::array<char, 64> facts;
        std::snprintf(facts.data(), facts.size(), "%06o %u %8lld ", status.st_mode, status.st_uid,
                      static_cast<long long>(status.st_size));
        part.say(facts.data() + timestamp(std::chrono::seconds(status.st_mtim.tv_sec)) + " " +
                 name);
    }
}

void show_files(ReportPart& part, int directory, const std::vector<std::string>& names) {
    std::size_t shown = 0;
    for (const auto& name : names) {
        if (std::ranges::find(binary_files, name) != binary_files.end())
            continue;
        if (++shown > most_files)
            return part.miss("more files than are shown");
        const auto text = read_small_file(directory, name);
        part.say("# " + name);
        if (const auto* content = std::get_if<std::string>(&text))
            part.say(content->substr(0, most_bytes));
        else
            part.miss(name + ": " + std::get<Unreadable>(text).reason);
    }
}

void tell_crashes(ReportPart& part, const std::string& path) {
    const auto read = read_crash_history(path);
    if (!read)
        return part.miss(std::string(StateMarks::file_name) + " can't be read");
    if (const auto* unknown = std::get_if<StateMarks::UnknownFormat>(&*read))
        return part.miss(std::string(StateMarks::file_name) + " has the format " +
                         std::to_string(unknown->number));
    const auto& history = std::get<CrashHistory>(*read);
    const auto file = [](TakenUp taken) {
        return taken == nothing_taken_up ? std::string("nothing") : file_of(taken);
    };
    part.say(
        "a daemon runs, or the last one has crashed: " + std::string(history.runs ? "yes" : "no") +
        "; crashes in a row before it: " + std::to_string(history.crashes) +
        "; last crash noticed: " +
        (history.last_crash == 0 ? "never" : timestamp(std::chrono::seconds(history.last_crash))) +
        "; taken up at the moment: " + file(history.at_hand) +
        "; accused: " + file(history.accused) + ", " + std::to_string(history.deaths) + " times, " +
        std::to_string(history.faults) + " of them by the daemon's own fault");
}

} // namespace

ReportSection state_directory_section(const std::string& path) {
    ReportPart part("state directory");
    if (path.empty()) {
        part.say("the settings want none");
        return std::move(part).take();
    }
    part.attempt([&] {
        const FileDescriptor directory(
            ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        if (!directory)
            throw_errno(path);
        std::vector<std::string> names;
        if (const int error = add_names_in(directory.get(), names); error != 0)
            throw_errno(path, error);
        std::erase_if(names, [](const auto& name) { return name == "." || name == ".."; });
        std::ranges::sort(names);
        part.say(path);
        list(part, directory.get(), names);
        tell_crashes(part, path);
        show_files(part, directory.get(), names);
    });
    return std::move(part).take();
}

} // namespace lvmpolld::ctl
