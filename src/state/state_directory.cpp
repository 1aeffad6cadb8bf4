// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/state_directory.h"

#include "base/error.h"
#include "base/text_file.h"
#include "state/private_directory.h"
#include "state/record_text.h"
#include "state/small_files.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <variant>

namespace lvmpolld {

namespace {

constexpr auto poll_prefix = "poll-";
constexpr auto abort_prefix = "abort-";

/// Files beside the records.
constexpr std::array<std::string_view, 4> other_files{
    StateDirectory::answer_marks_name, StateDirectory::suspects_name, MissingMark::file_name,
    SpaceReserve::file_name};

std::optional<RecordNumber> number_of(std::string_view name) {
    const bool abort = name.starts_with(abort_prefix);
    if (!abort && !name.starts_with(poll_prefix))
        return std::nullopt;
    const auto digits = name.substr(std::strlen(abort ? abort_prefix : poll_prefix));
    RecordNumber number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number == 0)
        return std::nullopt;
    return number;
}

bool is_no_record(std::string_view name) {
    return name.front() == '.' || is_set_aside(name) || std::ranges::count(other_files, name) != 0;
}

std::string boot_id() {
    auto text = read_text_file("/proc/sys/kernel/random/boot_id").value_or("");
    text.erase(std::min(text.find('\n'), text.size()));
    return text;
}

bool is_on_memory(int directory) {
    struct statfs status {};

    return ::fstatfs(directory, &status) == 0 &&
           (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

bool is_full(int error) {
    return error == ENOSPC || error == EDQUOT;
}

} // namespace

StateDirectory::StateDirectory(std::string_view path, Log& log)
    : path_(canonical_path(path)), log_(log) {
    if (::access(path_.c_str(), F_OK) == 0 || errno != ENOENT) {
        open();
        is_settled_ = true;
    }
}

void StateDirectory::open() {
    try {
        directory_ = open_private_directory(path_);
        boot_ = boot_id();
    } catch (const std::system_error& error) {
        directory_.reset();
        if (is_shortage(error.code().value()))
            throw; // it passes
        error_ = error.code().value();
        log_.write(LogLevel::error, std::string("operations will be LOST with this process: ") +
                                        error.what() +
                                        ". Mend that, or name another directory with --state-dir");
        return;
    }
    is_memory_ = is_on_memory(directory_.get());
    missing_mark_.open(directory_.get());
    const Lock lock(mutex_);
    reserve_.make(directory_.get());
}

bool StateDirectory::make() noexcept {
    if (is_settled_)
        return static_cast<bool>(directory_);
    const Lock lock(opening_);
    try {
        if (!is_settled_)
            make_now();
        is_settled_ = true;
    } catch (const std::system_error& error) { // the next record tries again
        report(error.code().value());
    } catch (const std::bad_alloc&) {
        report(ENOMEM);
    }
    return static_cast<bool>(directory_);
}

void StateDirectory::make_now() {
    if (!is_made_ && ::mkdir(path_.c_str(), 0700) != 0) {
        if (errno != EEXIST)
            throw_errno("cannot make " + path_);
        return note(EEXIST); // one that has appeared meanwhile is another daemon's
    }
    is_made_ = true;
    open();
}

std::vector<Record> StateDirectory::load() {
    std::vector<Record> records;
    if (!directory_)
        return records;
    say_what_is_missing();
    std::string warnings;
    for (const auto& name : names_in(directory_.get())) {
        if (is_no_record(name))
            continue;
        if (is_unfinished(name)) {
            ::unlinkat(directory_.get(), name.c_str(), 0); // its daemon has told nobody of it
            continue;
        }
        auto record = load(name);
        if (auto* usable = std::get_if<Record>(&record))
            records.push_back(std::move(*usable));
        else if (const auto warning =
                     set_aside(directory_.get(), name, std::get<Unreadable>(record).reason);
                 !warning.empty())
            warnings.append(warnings.empty() ? "" : ", ").append(warning);
    }
    if (!warnings.empty())
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + warnings);
    std::ranges::sort(records, {}, &Record::number);
    return records;
}

std::variant<Record, Unreadable> StateDirectory::load(const std::string& name) const {
    const auto number = number_of(name);
    if (!number)
        return Unreadable{"not a name of ours"};
    const auto text = read_small_file(directory_.get(), name);
    if (const auto* fault = std::get_if<Unreadable>(&text))
        return *fault;
    return parse_record(std::get<std::string>(text), boot_, *number);
}

void StateDirectory::say_what_is_missing() {
    if (!missing_mark_.is_set())
        return;
    log_.write(LogLevel::warning, "the last daemon could not write all of its operations to " +
                                      path_ +
                                      ": some may be LOST. `lvs -a` shows the moves and merges "
                                      "under way; `vgchange --poll y` "
                                      "has them polled again");
    missing_mark_.set(false);
}

SuspectList StateDirectory::load_suspects() {
    if (!directory_ || ::faccessat(directory_.get(), suspects_name, F_OK, 0) != 0)
        return {};
    const auto text = read_small_file(directory_.get(), suspects_name);
    auto copies = std::holds_alternative<std::string>(text)
                      ? parse_suspects(std::get<std::string>(text))
                      : std::variant<SuspectList, Unreadable>(std::get<Unreadable>(text));
    if (auto* usable = std::get_if<SuspectList>(&copies))
        return std::move(*usable);
    const auto warning =
        set_aside(directory_.get(), suspects_name, std::get<Unreadable>(copies).reason);
    if (!warning.empty())
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + warning +
                                          "; a copy that was suspect may be taken for a good one");
    return {};
}

void StateDirectory::save(const Record& record) noexcept {
    write([&] { return record_name(record.request.abort, record.number); },
          [&] { return record_text(record, boot_); });
}

void StateDirectory::save_suspects(const SuspectList& copies) noexcept {
    write([] { return std::string(suspects_name); }, [&] { return suspects_text(copies); });
}

void StateDirectory::remove(bool abort, RecordNumber number) noexcept {
    if (!make())
        return;
    try {
        const auto name = record_name(abort, number);
        if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
            return note(errno);
        forget_missing(name);
    } catch (const std::exception&) {
        note(ENOMEM);
    }
}

void StateDirectory::write(const std::function<std::string()>& name_of,
                           const std::function<std::string()>& text_of) noexcept {
    if (!make())
        return;
    try {
        const auto name = name_of();
        const auto text = text_of();
        try {
            replace_from_reserve(name, text);
            note(0);
            forget_missing(name);
        } catch (const std::system_error& error) {
            note(error.code().value());
            missing_mark_.set(true);
            const Lock lock(mutex_);
            missing_.insert(name);
        }
    } catch (const std::exception&) {
        report(ENOMEM);
    }
}

void StateDirectory::replace_from_reserve(const std::string& name, std::string_view text) {
    try {
        replace_file(directory_.get(), name, text);
    } catch (const std::system_error& error) {
        if (!is_full(error.code().value()) || !give_up_reserve())
            throw;
        replace_file(directory_.get(), name, text);
        log_.write(LogLevel::warning,
                   "the state directory " + path_ +
                       " is full, and its reserve is in use: make room, or operations "
                       "will be lost with this process");
    }
}

bool StateDirectory::give_up_reserve() noexcept {
    const Lock lock(mutex_);
    return reserve_.give_up(directory_.get());
}

void StateDirectory::forget_missing(const std::string& name) noexcept {
    const Lock lock(mutex_);
    missing_.erase(name);
    if (missing_.empty() && !unknown_missing_)
        missing_mark_.set(false);
    reserve_.make(directory_.get());
}

void StateDirectory::report(int error) noexcept {
    {
        const Lock lock(mutex_);
        unknown_missing_ = true;
    }
    missing_mark_.set(true);
    note(error);
}

void StateDirectory::note(int error) noexcept {
    const int before = error_.exchange(error);
    if (error == before || (error != 0 && before != 0))
        return;
    try {
        if (error == 0)
            log_.write(LogLevel::warning,
                       "operations are written to the state directory " + path_ + " again");
        else
            log_.write(LogLevel::error, "operations CAN'T be written to the state directory " +
                                            path_ + ": " + std::strerror(error) +
                                            ". They go on, but will be lost with this process");
    } catch (const std::exception&) { // no memory for the message
    }
}

std::string StateDirectory::failure() const {
    const int error = error_;
    return error == 0 ? std::string() : path_ + " can't be written: " + std::strerror(error);
}

} // namespace lvmpolld
