// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the decisions of a scenario come true that concern the files of the state directory.
#include "world.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

namespace lvmpolld::simulation {

using namespace std::chrono_literals;

namespace {

void replace_first(std::string& text, std::string_view what, std::string_view by) {
    if (const auto at = text.find(what); at != text.npos)
        text.replace(at, what.size(), by);
}

void erase_line(std::string& text, Chance& chance) {
    const auto lines = std::ranges::count(text, '\n');
    if (lines == 0)
        return;
    std::size_t begin = 0;
    for (auto line = chance.below(static_cast<std::uint64_t>(lines)); line > 0; --line)
        begin = text.find('\n', begin) + 1;
    text.erase(begin, text.find('\n', begin) + 1 - begin);
}

} // namespace

void World::restart_after_damage() {
    events_.after(1ms, [this, life = daemons_] {
        if (daemon_ && daemons_ == life && !daemon_->is_dead())
            daemon_->die("it writes it anew"); // who comes next reads it
    });
}

void World::forget_evidence(unsigned first_daemon) {
    for (const auto& [number, volume] : volumes_.all())
        if (volume->is_unfinished())
            volume->job->segment().lose_evidence(first_daemon);
}

/// Whose content is about to change; empty: none is.
std::string World::choose_file(Chance& chance) {
    if (machine_.files.empty())
        return {};
    const auto victim = std::next(machine_.files.begin(),
                                  static_cast<std::ptrdiff_t>(chance.below(machine_.files.size())));
    const auto name = victim->first;
    if (name == SpaceReserve::file_name || name == StateMarks::file_name)
        return {};
    trace_.say("the file " + name + " is damaged");
    invariants_.forgive();
    if (name == StateDirectory::suspects_name) // the next daemon can't know
        forget_evidence(daemons_ + 1);
    return name;
}

/// Somebody writes to the state directory, or its disk does.
void World::damage_file(Chance chance) {
    const auto victim = choose_file(chance);
    if (victim.empty())
        return;
    auto& [content, mapped, error] = *machine_.files[victim];
    const auto replace = [&content](std::string_view what, std::string_view by) {
        replace_first(content, what, by);
    };
    switch (chance.below(13)) {
    case 0:
        return content.resize(content.size() / 2);
    case 1:
        return replace(" = 1", " = 2"); // another format
    case 2:
        content.assign(300'000, 'x');
        return;
    case 3:
        return replace("of_sessions = [\"", "of_sessions = [\"x");
    case 4:
        return replace(":1\"", ":0\"");
    case 5:
        return replace("complete = 1", "complete = 0");
    case 6:
        error = EIO;
        return;
    case 7:
        machine_.files["poll-x"] = machine_.files[victim];
        return;
    case 8:
        return replace("simulated", "another boot");
    case 9:
        return replace("lvmpolld_", "lvmlockd_");
    case 10:
        return replace("@", "-");
    case 11:
        return replace("\"]", "x\"]");
    default:
        replace("lvid", "vlid");
    }
}

/// Likewise, but most of the file is as it was, or there is one more.
void World::spoil_file(Chance chance) {
    const auto victim = choose_file(chance);
    if (victim.empty())
        return;
    auto& content = machine_.files[victim]->content;
    const auto copy_to = [&](const std::string& name) {
        machine_.files[name] = std::make_shared<File>(File{content});
    };
    constexpr std::array<std::array<std::string_view, 2>, 9> replacements{
        {{"of_anybody = ", "of_anybody = -1"},
         {"of_sessions = [\"", "of_sessions = [\":"},
         {":1\"", "\""},
         {":1\"", "/1\""},
         {":1\"", ":\""},
         {"type = \"", "type = \"x"},
         {"interval = \"", "interval = \"x"},
         {"@", "@x"},
         {"lvname", "lvnome"}}};
    switch (chance.below(4)) {
    case 0:
        return erase_line(content, chance);
    case 1:
        if (is_record(victim)) // a later one of the same operation
            copy_to(victim + "0");
        return;
    case 2:
        return copy_to(chance.one_of({".hidden", "poll-", "poll-0", "abort-7x", "poll-5.new",
                                      "poll-99999999999999999999999", "reserved"}));
    default:
        const auto& [what, by] = replacements[chance.below(replacements.size())];
        replace_first(content, what, by);
    }
}

} // namespace lvmpolld::simulation
