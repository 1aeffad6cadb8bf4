// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/private_directory.h"

#include "base/error.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_birth = 2s;

timespec timespec_of(std::chrono::nanoseconds duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

/// Interrupts what this thread waits for after a while, and then again and again: the first time it
/// may just not wait yet.
class Alarm {
public:
    explicit Alarm(std::chrono::nanoseconds after) {
        struct sigaction action {};

        action.sa_handler = [](int) {}; // no SA_RESTART: a system call fails with EINTR
        ::sigaction(SIGRTMIN, &action, &before_);
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGRTMIN;
        event._sigev_un._tid = ::gettid(); // timer_create(2); glibc has no name for it
        if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
            ::sigaction(SIGRTMIN, &before_, nullptr);
            throw_errno("cannot set a timer");
        }
        const itimerspec times{.it_interval = timespec_of(10ms), .it_value = timespec_of(after)};
        ::timer_settime(timer_, 0, &times, nullptr);
    }

    ~Alarm() {
        ::timer_delete(timer_);
        ::sigaction(SIGRTMIN, &before_, nullptr);
    }

    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

private:
    struct sigaction before_ {};

    timer_t timer_{};
};

/// False if somebody else holds the lock all the time. flock(2) itself has no wait with an end.
bool lock_within(int descriptor, std::chrono::nanoseconds patience) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return true;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const Alarm alarm(patience);
    do {
        if (::flock(descriptor, LOCK_EX) == 0)
            return true;
    } while (errno == EINTR && std::chrono::steady_clock::now() < deadline);
    if (errno != EINTR)
        throw_errno("cannot lock it");
    return false;
}

} // namespace

std::string canonical_path(std::string_view path) {
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

FileDescriptor open_private_directory(const std::string& path) {
    FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        throw_errno("cannot open the state directory " + path);

    struct stat status {};

    if (::fstat(directory.get(), &status) != 0)
        throw_errno("cannot examine the state directory " + path);
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw_errno("the state directory " + path + " is not private to this user", EPERM);
    if (!lock_within(directory.get(), longest_birth))
        throw_errno("another daemon uses the state directory " + path, EBUSY);
    return directory;
}

} // namespace lvmpolld
