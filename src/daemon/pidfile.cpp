// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/pidfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lvmpolld {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw PidfileError(what + ": " + std::strerror(errno));
}

bool is_the_file_at(const std::string& path, int descriptor) {
    struct stat by_path {};

    struct stat opened {};

    return ::stat(path.c_str(), &by_path) == 0 && ::fstat(descriptor, &opened) == 0 &&
           by_path.st_dev == opened.st_dev && by_path.st_ino == opened.st_ino;
}

FileDescriptor open_locked(const std::string& path) {
    // An ending daemon may remove the file between our open and our lock: then the lock is worth
    // nothing.
    for (;;) {
        FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!file)
            fail("cannot open the pidfile " + path);

        struct flock lock {};

        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        if (::fcntl(file.get(), F_SETLK, &lock) != 0) {
            if (errno == EACCES || errno == EAGAIN)
                throw PidfileError("another lvmpolld is running: it holds the pidfile " + path +
                                   " (stop it, or name another pidfile with -p)");
            fail("cannot lock the pidfile " + path);
        }
        if (is_the_file_at(path, file.get()))
            return file;
    }
}

} // namespace

Pidfile::Pidfile(std::string path) : path_(std::move(path)), file_(open_locked(path_)) {
    const auto text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file_.get(), 0) != 0 ||
        ::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        fail("cannot write the pidfile " + path_);
}

Pidfile::~Pidfile() {
    ::unlink(path_.c_str());
}

} // namespace lvmpolld
