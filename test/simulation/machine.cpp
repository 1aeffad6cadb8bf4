// SPDX-License-Identifier: LGPL-2.1-or-later
#include "open_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace lvmpolld::simulation {

Machine* the_machine = nullptr;
std::map<int, Open> descriptors;

namespace {

int last_descriptor = first_descriptor;

ssize_t read_log(Open& open, char* to) {
    auto& log = the_machine->log;
    if (now() < log.unreadable_until)
        return fail(EINVAL);
    if (open.position < log.first()) {
        open.position = static_cast<std::size_t>(log.first());
        return fail(EPIPE);
    }
    if (open.position == log.last())
        return fail(EAGAIN);
    const auto& record = log.record(open.position++);
    std::memcpy(to, record.data(), record.size());
    return static_cast<ssize_t>(record.size());
}

/// A signal comes now and then.
bool is_interrupted(const Open& open) {
    constexpr unsigned seldom = 50;
    static unsigned calls = 0;
    return open.kind == Open::Kind::file && ++calls % seldom == 0;
}

} // namespace

int fail(int error) {
    errno = error;
    return -1;
}

int add(Open open) {
    if (now() < the_machine->short_until)
        return fail(EMFILE);
    descriptors.emplace(++last_descriptor, std::move(open));
    return last_descriptor;
}

bool may_act(const std::string& what) {
    return the_machine->may_act(what);
}

bool is_full() {
    return now() < the_machine->full_until;
}

int open_file(const std::string& name, int flags) {
    if (the_machine->fails())
        return fail(the_machine->failures.one_of({EIO, EACCES, ENFILE}));
    if (now() < the_machine->short_until) {
        the_machine->failed = true;
        return fail(EMFILE);
    }
    auto found = the_machine->files.find(name);
    const bool creates = (flags & O_CREAT) != 0;
    if (found == the_machine->files.end()) {
        if (!creates)
            return fail(ENOENT);
        if (!may_act("create " + name))
            return add({Open::Kind::file, std::make_shared<File>(), name});
        found = the_machine->files.emplace(name, std::make_shared<File>()).first;
    } else if ((flags & O_TRUNC) != 0 && may_act("truncate " + name)) {
        found->second->content.clear();
    }
    return add({Open::Kind::file, found->second, name});
}

std::optional<int> open_path(std::string_view path) {
    if (path == Machine::state_directory) {
        the_machine->failed = the_machine->failed || now() < the_machine->short_until;
        if (the_machine->fails())
            return fail(EACCES);
        return the_machine->exists ? add({Open::Kind::directory}) : fail(ENOENT);
    }
    if (path == "/dev/kmsg") {
        if (now() < the_machine->log.unreadable_until)
            return fail(EPERM);
        return add({Open::Kind::log, {}, {}, static_cast<std::size_t>(the_machine->log.first())});
    }
    if (path == "/proc/sys/kernel/random/boot_id") {
        Open open{Open::Kind::text, std::make_shared<File>()};
        open.file->content = std::string(Machine::boot) + "\n";
        return add(std::move(open));
    }
    if (!path.starts_with("/sys/dev/block/"))
        return std::nullopt;
    unsigned major = 0;
    unsigned minor = 0;
    const std::string text(path);
    if (std::sscanf(text.c_str(), "/sys/dev/block/%u:%u/", &major, &minor) != 2 ||
        !path.ends_with("/device/ioerr_cnt"))
        return fail(ENOENT);
    const auto found = the_machine->counters.find(makedev(major, minor));
    if (found == the_machine->counters.end())
        return fail(ENOENT);
    Open open{Open::Kind::text, std::make_shared<File>()};
    open.file->content = std::to_string(found->second) + "\n";
    return add(std::move(open));
}

ssize_t read_open(Open& open, char* to, std::size_t size) {
    if (open.kind == Open::Kind::log)
        return read_log(open, to);
    if (is_interrupted(open))
        return fail(EINTR);
    if (open.file->error != 0)
        return fail(open.file->error);
    if (open.kind == Open::Kind::file && the_machine->fails())
        return fail(the_machine->failures.one_of({EIO, ENOMEM}));
    const auto& content = open.file->content;
    const auto count = std::min(size, content.size() - open.position);
    std::memcpy(to, content.data() + open.position, count);
    open.position += count;
    return static_cast<ssize_t>(count);
}

ssize_t write_open(Open& open, const char* from, std::size_t size) {
    if (is_interrupted(open))
        return fail(EINTR);
    if (the_machine->fails())
        return fail(EIO);
    if (is_full() && the_machine->spare_writes == 0) {
        the_machine->failed = true;
        return fail(ENOSPC);
    }
    the_machine->spare_writes -= the_machine->spare_writes > 0 ? 1 : 0;
    if (may_act("write " + open.name))
        open.file->content.append(from, size);
    return static_cast<ssize_t>(size);
}

bool is_record(std::string_view name) {
    const bool ours = name.starts_with("poll-") || name.starts_with("abort-");
    return ours && name.find_first_not_of("0123456789", name.find('-') + 1) == name.npos;
}

Machine::Machine() {
    the_machine = this;
}

Machine::~Machine() {
    the_machine = nullptr;
}

bool Machine::fails() {
    constexpr double share = 0.2;
    if (now() >= fails_until || !failures.happens(share))
        return false;
    return failed = has_failed_calls = true;
}

std::size_t Machine::open_descriptors() const {
    return descriptors.size();
}

} // namespace lvmpolld::simulation
