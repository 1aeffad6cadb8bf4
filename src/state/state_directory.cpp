// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/state_directory.h"

#include "base/error.h"
#include "state/boot_id.h"
#include "state/private_directory.h"
#include "state/record_text.h"
#include "state/small_files.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstring>
#include <exception>
#include <new>
#include <system_error>

namespace lvmpolld {

namespace {

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
    marks_.open(directory_.get());
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
    if (directory_)
        marks_.store({.runs = true}, boot_);
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
            marks_.set_missing(true);
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
        marks_.set_missing(false);
    reserve_.make(directory_.get());
}

void StateDirectory::report(int error) noexcept {
    {
        const Lock lock(mutex_);
        unknown_missing_ = true;
    }
    marks_.set_missing(true);
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
