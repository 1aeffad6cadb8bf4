// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a StateDirectory has of an earlier daemon. Each file is said to be at hand before it is
// opened (take_up()): if the process crashes over it, the next one knows whose fault it was.
#include "state/state_directory.h"

#include "base/error.h"
#include "state/record_text.h"
#include "state/small_files.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>
#include <system_error>
#include <variant>

namespace lvmpolld {

namespace {

constexpr auto poll_prefix = "poll-";
constexpr auto abort_prefix = "abort-";

/// Files beside the records.
constexpr std::array<std::string_view, 4> other_files{
    StateDirectory::answer_marks_name, StateDirectory::suspects_name, StateMarks::file_name,
    SpaceReserve::file_name};

/// The operation whose record has this name.
struct RecordFile {
    bool abort;
    RecordNumber number;
};

std::optional<RecordFile> record_file_of(std::string_view name) {
    const bool abort = name.starts_with(abort_prefix);
    if (!abort && !name.starts_with(poll_prefix))
        return std::nullopt;
    const auto digits = name.substr(std::strlen(abort ? abort_prefix : poll_prefix));
    RecordNumber number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool complete = error == std::errc() && end == digits.data() + digits.size();
    if (!complete || digits.front() == '0') // no other name may stand for the same operation
        return std::nullopt;
    return RecordFile{abort, number};
}

bool is_no_record(std::string_view name) {
    return name.front() == '.' || is_set_aside(name) || std::ranges::count(other_files, name) != 0;
}

} // namespace

std::uint64_t StateDirectory::begin_life() {
    if (!directory_)
        return 0;
    const auto before = marks_.history(boot_);
    if (const auto* unknown = std::get_if<StateMarks::UnknownFormat>(&before))
        log_.write(
            LogLevel::warning,
            path_ + "/" + StateMarks::file_name + " has the format " +
                std::to_string(unknown->number) +
                ", which this version doesn't know: it can't tell how the last daemon ended");
    const auto* history = std::get_if<CrashHistory>(&before);
    const auto life = next_life(history != nullptr ? *history : CrashHistory{}, std::time(nullptr));
    marks_.store(life.history, boot_);
    if (life.to_set_aside != nothing_taken_up)
        set_aside_accused(life.to_set_aside, life.reason);
    return life.history.crashes;
}

void StateDirectory::set_aside_accused(TakenUp file, const std::string& reason) {
    const auto aside = put_aside(file_of(file), reason);
    if (aside.empty())
        return;
    log_.write(LogLevel::error,
               "set aside in " + path_ + ": " + aside +
                   (file == suspects_taken_up
                        ? "; a copy that was suspect may be taken for a good one"
                        : ". Its operation is polled no more: `lvs -a` shows the moves and merges "
                          "under way, `vgchange --poll y` has them polled again") +
                   ". `lvmpollctl report` makes a report of this bug");
}

std::string StateDirectory::put_aside(const std::string& name, const std::string& reason) {
    auto text = set_aside(directory_.get(), name, reason);
    if (!text.empty())
        set_aside_.push_back(name);
    return text;
}

std::vector<Record> StateDirectory::load() {
    std::vector<Record> records;
    if (!directory_)
        return records;
    say_what_is_missing();
    std::string warnings;
    for (const auto& name : names()) {
        if (is_no_record(name) || std::ranges::count(set_aside_, name) != 0)
            continue;
        if (is_unfinished(name)) {
            ::unlinkat(directory_.get(), name.c_str(), 0); // its daemon has told nobody of it
            continue;
        }
        const auto file = record_file_of(name);
        take_up(file ? taken_up_record(file->abort, file->number) : nothing_taken_up);
        auto record = load(name);
        if (auto* usable = std::get_if<Record>(&record))
            records.push_back(std::move(*usable));
        else if (const auto warning = put_aside(name, std::get<Unreadable>(record).reason);
                 !warning.empty())
            warnings.append(warnings.empty() ? "" : ", ").append(warning);
    }
    take_up(nothing_taken_up);
    if (!warnings.empty())
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + warnings);
    std::ranges::sort(records, {}, &Record::number);
    return records;
}

std::vector<std::string> StateDirectory::names() {
    std::vector<std::string> names;
    const int error = add_names_in(directory_.get(), names);
    if (is_shortage(error))
        throw_errno("cannot read the state directory", error); // it passes
    if (error != 0)
        log_.write(LogLevel::error, "operations of an earlier daemon in " + path_ +
                                        " may be LOST, it cannot be read: " +
                                        std::generic_category().message(error));
    return names;
}

std::variant<Record, Unreadable> StateDirectory::load(const std::string& name) const {
    const auto file = record_file_of(name);
    if (!file)
        return Unreadable{"not a name of ours"};
    const auto text = read_small_file(directory_.get(), name);
    if (const auto* fault = std::get_if<Unreadable>(&text))
        return *fault;
    auto record = parse_record(std::get<std::string>(text), boot_, file->number);
    const auto* usable = std::get_if<Record>(&record);
    if (usable != nullptr && usable->request.abort != file->abort)
        return Unreadable{"under another operation's name"};
    return record;
}

void StateDirectory::say_what_is_missing() {
    if (!marks_.is_missing())
        return;
    log_.write(LogLevel::warning, "the last daemon could not write all of its operations to " +
                                      path_ +
                                      ": some may be LOST. `lvs -a` shows the moves and merges "
                                      "under way; `vgchange --poll y` "
                                      "has them polled again");
    marks_.set_missing(false);
}

SuspectList StateDirectory::load_suspects() {
    if (!directory_)
        return {};
    if (::faccessat(directory_.get(), suspects_name, F_OK, 0) != 0 && errno == ENOENT)
        return {};
    take_up(suspects_taken_up);
    const auto text = read_small_file(directory_.get(), suspects_name);
    auto copies = std::holds_alternative<std::string>(text)
                      ? parse_suspects(std::get<std::string>(text))
                      : std::variant<SuspectList, Unreadable>(std::get<Unreadable>(text));
    take_up(nothing_taken_up);
    if (auto* usable = std::get_if<SuspectList>(&copies))
        return std::move(*usable);
    const auto warning = put_aside(suspects_name, std::get<Unreadable>(copies).reason);
    if (!warning.empty())
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + warning +
                                          "; a copy that was suspect may be taken for a good one");
    return {};
}

} // namespace lvmpolld
