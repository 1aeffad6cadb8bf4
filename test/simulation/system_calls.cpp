// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The functions that the linker puts in the place of those that the daemon calls.
#include "memory.h"
#include "open_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

namespace lvmpolld::simulation {

namespace {

/// An open directory that is read.
struct Listing {
    int descriptor = -1;
    std::vector<std::string> names;
    std::size_t next = 0;
    dirent entry{};
};

std::set<const Listing*> listings;

} // namespace

} // namespace lvmpolld::simulation

using namespace lvmpolld::simulation;

// The linker's names.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

int __real_open(const char* path, int flags, ...);
int __real_openat(int directory, const char* path, int flags, ...);
ssize_t __real_read(int descriptor, void* to, size_t size);
ssize_t __real_write(int descriptor, const void* from, size_t size);
int __real_close(int descriptor);
int __real_access(const char* path, int mode);
int __real_fcntl(int descriptor, int command, ...);
int __real_fstat(int descriptor, struct stat* status);
int __real_flock(int descriptor, int operation);
int __real_mkdir(const char* path, mode_t mode);
int __real_timer_create(clockid_t clock, sigevent* event, timer_t* timer);
void* __real_mmap(void*, size_t, int, int, int, off_t);
DIR* __real_opendir(const char* path);
dirent* __real_readdir(DIR* directory);
int __real_closedir(DIR* directory);
char* __real_realpath(const char* path, char* resolved);
int __real_munmap(void* address, size_t size);

int __wrap_open(const char* path, int flags, ...) {
    const memory::OfWorld world;
    const auto ours = the_machine != nullptr ? open_path(path) : std::nullopt;
    return ours ? *ours : __real_open(path, flags, 0600);
}

int __wrap_openat(int directory, const char* path, int flags, ...) {
    const memory::OfWorld world;
    if (!is_ours(directory))
        return __real_openat(directory, path, flags, 0600);
    if (std::strcmp(path, ".") != 0)
        return open_file(path, flags);
    return the_machine->fails() ? fail(EIO) : add({Open::Kind::directory});
}

ssize_t __wrap_read(int descriptor, void* to, size_t size) {
    return is_ours(descriptor) ? read_open(descriptors.at(descriptor), static_cast<char*>(to), size)
                               : __real_read(descriptor, to, size);
}

ssize_t __wrap_write(int descriptor, const void* from, size_t size) {
    const memory::OfWorld world;
    return is_ours(descriptor)
               ? write_open(descriptors.at(descriptor), static_cast<const char*>(from), size)
               : __real_write(descriptor, from, size);
}

int __wrap_close(int descriptor) {
    const memory::OfWorld world;
    if (!is_ours(descriptor))
        return __real_close(descriptor);
    return descriptors.erase(descriptor) > 0 ? 0 : fail(EBADF);
}

int __wrap_access(const char* path, int mode) {
    const std::string_view text(path);
    if (text == Machine::state_directory)
        return the_machine->exists ? 0 : fail(ENOENT);
    return text.starts_with("/sys/dev/block/") ? fail(ENOENT) : __real_access(path, mode);
}

int __wrap_faccessat(int, const char* name, int, int) {
    const memory::OfWorld world;
    if (the_machine->fails())
        return fail(EIO);
    return the_machine->files.contains(name) ? 0 : fail(ENOENT);
}

int __wrap_mkdir(const char* path, mode_t mode) {
    const memory::OfWorld world;
    if (the_machine == nullptr)
        return __real_mkdir(path, mode);
    if (!may_act("make the state directory"))
        return 0;
    if (the_machine->fails()) { // or somebody else makes it just now
        the_machine->exists = the_machine->failures.happens(0.5);
        return fail(the_machine->exists ? EEXIST : EROFS);
    }
    if (std::exchange(the_machine->exists, true))
        return fail(EEXIST);
    return 0;
}

int __wrap_renameat(int, const char* from, int, const char* to) {
    const memory::OfWorld world;
    if (!may_act("rename " + std::string(from)))
        return 0;
    if (the_machine->fails())
        return fail(EIO);
    const auto found = the_machine->files.find(from);
    if (found == the_machine->files.end())
        return fail(ENOENT);
    the_machine->files[to] = found->second;
    the_machine->files.erase(from);
    return 0;
}

int __wrap_unlinkat(int, const char* name, int) {
    const memory::OfWorld world;
    if (!may_act("remove " + std::string(name)))
        return 0;
    if (the_machine->fails())
        return fail(EIO);
    if (the_machine->files.erase(name) == 0)
        return fail(ENOENT);
    if (is_full() && std::string_view(name) == "reserve")
        the_machine->spare_writes = Machine::writes_of_reserve;
    return 0;
}

int __wrap_fstat(int descriptor, struct stat* status) {
    if (!is_ours(descriptor))
        return __real_fstat(descriptor, status);
    *status = {};
    status->st_uid = ::geteuid();
    status->st_mode = S_IFDIR | 0700;
    if (!the_machine->fails())
        return 0;
    status->st_mode |= S_IRGRP; // somebody has changed it
    return the_machine->failures.happens(0.5) ? 0 : fail(EIO);
}

int __wrap_fstatfs(int, struct statfs* status) {
    if (the_machine->fails())
        return fail(EIO);
    *status = {};
    status->f_type = the_machine->is_memory ? TMPFS_MAGIC : EXT4_SUPER_MAGIC;
    return 0;
}

int __wrap_fstatvfs(int, struct statvfs* status) {
    if (the_machine->fails())
        return fail(EIO);
    *status = {};
    status->f_bsize = 4096;
    status->f_bavail = is_full() ? 0 : 100000;
    return 0;
}

int __wrap_flock(int descriptor, int operation) {
    if (!is_ours(descriptor))
        return __real_flock(descriptor, operation);
    const bool waits = (operation & LOCK_NB) == 0;
    if (now() < the_machine->held_until) {
        if (!waits)
            return fail(EWOULDBLOCK);
        constexpr auto longest = std::chrono::seconds(2); // as long as the daemon waits for it
        const auto left = the_machine->held_until - now();
        let_pass(std::min<Duration>(left, longest));
        if (left <= longest)
            return 0;
        the_machine->failed = the_machine->has_failed_calls = true;
        return fail(EINTR);
    }
    if (the_machine->fails())
        return fail(ENOLCK);
    if (the_machine->contended == 0)
        return 0;
    --the_machine->contended;
    return fail(waits ? EINTR : EWOULDBLOCK);
}

int __wrap_timer_create(clockid_t clock, sigevent* event, timer_t* timer) {
    return the_machine->fails() ? fail(EAGAIN) : __real_timer_create(clock, event, timer);
}

int __wrap_posix_fallocate(int descriptor, off_t, off_t size) {
    const memory::OfWorld world;
    if (is_full())
        return ENOSPC;
    if (the_machine->fails())
        return EIO;
    auto& open = descriptors.at(descriptor);
    if (may_act("reserve " + open.name))
        open.file->content.resize(static_cast<std::size_t>(size));
    return 0;
}

void* __wrap_mmap(void* place, size_t size, int access, int flags, int descriptor, off_t offset) {
    if (!is_ours(descriptor))
        return __real_mmap(place, size, access, flags, descriptor, offset);
    if (the_machine->fails()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return descriptors.at(descriptor).file->mapped.data();
}

int __wrap_munmap(void* address, size_t size) {
    return size == sizeof(File::Mapped) ? 0 : __real_munmap(address, size); // no page is so small
}

int __wrap_fcntl(int descriptor, int command, void* argument) {
    if (command == F_DUPFD_CLOEXEC && the_machine != nullptr && now() < the_machine->short_until)
        return fail(EMFILE);
    return __real_fcntl(descriptor, command, argument);
}

int __wrap_timerfd_create(int, int) {
    return fail(ENOSYS); // Asio then looks at its timers itself each time that it is polled
}

char* __wrap_realpath(const char* path, char* resolved) {
    return std::string_view(path) == "/sim/" ? ::strdup("/sim") : __real_realpath(path, resolved);
}

DIR* __wrap_opendir(const char* path) {
    if (!std::string_view(path).starts_with("/sys/dev/block/"))
        return __real_opendir(path);
    errno = ENOENT;
    return nullptr;
}

DIR* __wrap_fdopendir(int descriptor) {
    const memory::OfWorld world;
    auto* const listing = new Listing;
    listing->descriptor = descriptor;
    for (const auto& [name, file] : the_machine->files)
        listing->names.push_back(name);
    listings.insert(listing);
    return reinterpret_cast<DIR*>(listing);
}

dirent* __wrap_readdir(DIR* directory) {
    auto* const listing = reinterpret_cast<Listing*>(directory);
    if (!listings.contains(listing))
        return __real_readdir(directory);
    if (listing->next == listing->names.size())
        return nullptr;
    if (the_machine->fails()) {
        errno = EIO;
        return nullptr;
    }
    const auto& name = listing->names[listing->next++];
    std::memcpy(listing->entry.d_name, name.c_str(), name.size() + 1);
    return &listing->entry;
}

int __wrap_closedir(DIR* directory) {
    const memory::OfWorld world;
    auto* const listing = reinterpret_cast<Listing*>(directory);
    if (listings.erase(listing) == 0)
        return __real_closedir(directory);
    __wrap_close(listing->descriptor);
    delete listing;
    return 0;
}
}
// NOLINTEND(bugprone-reserved-identifier)
