// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/state_directory.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/text_file.h"
#include "state/record_text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr auto poll_prefix = "poll-";
constexpr auto abort_prefix = "abort-";
constexpr std::string_view unfinished = ".new";
constexpr std::string_view put_away = ".set-aside";

/// A record with the longest lvid, sysdir and devicesfile and a claim of every client is far smaller.
constexpr std::size_t most_bytes = std::size_t{1} << 18;

/// A child takes a fraction of this from its birth to its exec.
constexpr auto longest_birth = 2s;
constexpr auto birth_pause = 2ms;

struct RecordName {
    bool abort;
    RecordNumber number;
};

std::optional<RecordName> parse_name(std::string_view name) {
    const bool abort = name.starts_with(abort_prefix);
    if (!abort && !name.starts_with(poll_prefix))
        return std::nullopt;
    const auto digits = name.substr(std::strlen(abort ? abort_prefix : poll_prefix));
    RecordNumber number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number == 0)
        return std::nullopt;
    return RecordName{abort, number};
}

/// One spelling for each directory, since children are marked with it. The last part may not exist yet.
std::string canonical(std::string_view path) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    const auto slash = path.rfind('/');
    const std::string folder(slash == path.npos ? "." : path.substr(0, slash + 1));
    const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> real(
        ::realpath(folder.c_str(), nullptr));
    if (!real)
        return std::string(path);
    const std::string_view prefix = real.get();
    return std::string(prefix == "/" ? "" : prefix)
        .append("/")
        .append(path.substr(slash == path.npos ? 0 : slash + 1));
}

std::string boot_id() {
    auto text = read_text_file("/proc/sys/kernel/random/boot_id").value_or("");
    text.erase(std::min(text.find('\n'), text.size()));
    return text;
}

FileDescriptor open_directory(const std::string& path) {
    FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        throw_errno("cannot open the state directory " + path);

    struct stat status {};

    if (::fstat(directory.get(), &status) != 0)
        throw_errno("cannot examine the state directory " + path);
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw_errno("the state directory " + path + " is not private to this user", EPERM);
    return directory;
}

/// The lock is inherited by a child until its exec: a daemon that gets it knows that every child of the one
/// before is to be found in /proc under its own command line.
void lock_directory(int directory, const std::string& path) {
    const auto deadline = std::chrono::steady_clock::now() + longest_birth;
    while (::flock(directory, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw_errno("cannot lock the state directory " + path);
        if (std::chrono::steady_clock::now() >= deadline)
            throw_errno("another daemon uses the state directory " + path, EBUSY);
        std::this_thread::sleep_for(birth_pause); // flock(2) has no wait with an end
    }
}

std::vector<std::string> names_in(int directory, const std::string& path) {
    const int duplicate = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const Directory entries(duplicate < 0 ? nullptr : ::fdopendir(duplicate));
    if (!entries)
        throw_errno("cannot read the state directory " + path);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(entries.get()))
        names.emplace_back(entry->d_name);
    return names;
}

/// It passes: the record is good, and another start may read it.
bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

std::variant<std::string, Unreadable> read_file(int directory, const std::string& name) {
    const FileDescriptor file(
        ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && is_shortage(errno))
        throw_errno("cannot read the record " + name);
    if (!file)
        return Unreadable{std::strerror(errno)};
    std::string text(4096, '\0');
    std::size_t size = 0;
    for (;;) {
        const auto count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && is_shortage(errno))
            throw_errno("cannot read the record " + name);
        if (count < 0)
            return Unreadable{std::strerror(errno)};
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
        if (size > most_bytes)
            return Unreadable{"too large"};
        if (size == text.size())
            text.resize(2 * size);
    }
    text.resize(size);
    return text;
}

} // namespace

StateDirectory::StateDirectory(std::string_view path, Log& log) : path_(canonical(path)), log_(log) {
    if (::access(path_.c_str(), F_OK) == 0 || errno != ENOENT)
        std::call_once(opened_, [this] { open(); });
}

void StateDirectory::open() noexcept {
    try {
        directory_ = open_directory(path_);
        lock_directory(directory_.get(), path_);
        boot_ = boot_id();
    } catch (const std::system_error& error) {
        directory_.reset();
        error_ = error.code().value();
        log_.write(LogLevel::error, std::string("operations will be LOST with this process: ") +
                                        error.what() +
                                        ". Mend that, or name another directory with --state-dir");
    }
}

bool StateDirectory::make() noexcept {
    const auto make_once = [this] {
        // One that has appeared meanwhile is another daemon's.
        if (::mkdir(path_.c_str(), 0700) != 0)
            return report(errno);
        open();
    };
    std::call_once(opened_, make_once);
    return static_cast<bool>(directory_);
}

std::vector<Record> StateDirectory::load() {
    std::vector<Record> records;
    if (!directory_)
        return records;
    std::string warnings;
    for (const auto& name : names_in(directory_.get(), path_)) {
        if (name.front() == '.' || name == answer_marks_name || name == suspects_name ||
            name.ends_with(put_away))
            continue;
        if (name.ends_with(unfinished)) {
            ::unlinkat(directory_.get(), name.c_str(), 0); // its daemon has told nobody of it
            continue;
        }
        const auto known = parse_name(name);
        std::variant<Record, Unreadable> record = Unreadable{"not a name of ours"};
        if (known) {
            auto text = read_file(directory_.get(), name);
            if (const auto* read = std::get_if<std::string>(&text))
                record = parse_record(*read, boot_, known->number);
            else
                record = std::get<Unreadable>(text);
        }
        if (auto* usable = std::get_if<Record>(&record))
            records.push_back(std::move(*usable));
        else if (const auto warning = set_aside(name, std::get<Unreadable>(record).reason))
            warnings.append(warnings.empty() ? "" : ", ").append(*warning);
    }
    if (!warnings.empty())
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + warnings);
    std::ranges::sort(records, {}, &Record::number);
    return records;
}

std::optional<std::string> StateDirectory::set_aside(const std::string& name,
                                                     const std::string& reason) const {
    const auto away = name + std::string(put_away);
    if (::renameat(directory_.get(), name.c_str(), directory_.get(), away.c_str()) != 0 && errno == ENOENT)
        return std::nullopt;
    return name + " (" + reason + ")";
}

std::set<CopyIdentity> StateDirectory::load_suspects() {
    if (!directory_ || ::faccessat(directory_.get(), suspects_name, F_OK, 0) != 0)
        return {};
    const auto text = read_file(directory_.get(), suspects_name);
    auto copies = std::holds_alternative<std::string>(text)
                      ? parse_suspects(std::get<std::string>(text))
                      : std::variant<std::set<CopyIdentity>, Unreadable>(std::get<Unreadable>(text));
    if (auto* usable = std::get_if<std::set<CopyIdentity>>(&copies))
        return std::move(*usable);
    if (const auto warning = set_aside(suspects_name, std::get<Unreadable>(copies).reason))
        log_.write(LogLevel::warning, "set aside in " + path_ + ": " + *warning +
                                          "; a copy that was suspect may be taken for a good one");
    return {};
}

void StateDirectory::save(const Record& record) noexcept {
    attempt([&] { write(record_name(record.request.abort, record.number), record_text(record, boot_)); });
}

void StateDirectory::save_suspects(const std::set<CopyIdentity>& copies) noexcept {
    attempt([&] { write(suspects_name, suspects_text(copies)); });
}

void StateDirectory::attempt(const std::function<void()>& writing) noexcept {
    if (closed_ || !make())
        return;
    try {
        writing();
        report(0);
    } catch (const std::system_error& error) {
        report(error.code().value());
    } catch (const std::exception&) {
        report(ENOMEM);
    }
}

void StateDirectory::remove(bool abort, RecordNumber number) noexcept {
    if (closed_ || !make())
        return;
    try {
        if (::unlinkat(directory_.get(), record_name(abort, number).c_str(), 0) != 0 && errno != ENOENT)
            report(errno);
    } catch (const std::exception&) {
        report(ENOMEM);
    }
}

void StateDirectory::write(const std::string& name, std::string_view text) const {
    const auto temporary = name + std::string(unfinished);
    FileDescriptor file(::openat(directory_.get(), temporary.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        throw_errno(temporary);
    while (!text.empty()) {
        const auto count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            const int error = count < 0 ? errno : ENOSPC;
            ::unlinkat(directory_.get(), temporary.c_str(), 0);
            throw_errno(temporary, error);
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) != 0)
        throw_errno(name);
}

void StateDirectory::report(int error) noexcept {
    const int before = error_.exchange(error);
    if (error == before || (error != 0 && before != 0))
        return;
    try {
        if (error == 0)
            log_.write(LogLevel::warning,
                       "operations are written to the state directory " + path_ + " again");
        else
            log_.write(LogLevel::error, "operations CAN'T be written to the state directory " + path_ + ": " +
                                            std::strerror(error) +
                                            ". They go on, but will be lost with this process");
    } catch (const std::exception&) { // no memory for the message
    }
}

std::string StateDirectory::failure() const {
    const int error = error_;
    return error == 0 ? std::string() : path_ + " can't be written: " + std::strerror(error);
}

} // namespace lvmpolld
