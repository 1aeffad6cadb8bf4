// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays `lvm lvpoll`: reports how it was started, then does what it is told, one step a line.
//
// Where the steps come from, in this order (the directory is the environment's FAKE_LVM_DIR):
//   control          a listening Unix socket: the fake sends its record as one line of JSON, reads
//                    steps and answers each with a line "done"; at end of file it exits 0
//   LVNAME.script    a file of steps; the record is appended to the file "runs"
//   default.script   the same, for LVs that have no script of their own
//
// Steps:
//   print out|err N TEXT   writes TEXT N times; \n, \0, \xHH and \\ are escapes
//   flood out|err N S TEXT writes N lines a second for S seconds
//   close out|err          closes the pipe
//   fork NAME              leaves a grandchild behind that keeps the pipes open; with a control
//                          socket it is a puppet of its own, called NAME, otherwise it waits for a
//                          signal
//   on-term exit N | ignore | tell     what SIGTERM does; "tell" sends the line "signal 15"
//   wait FILE              until FILE exists in the directory
//   hang                   until a signal
//   exit N
//   kill N                 dies of signal N
#include "puppet.h"
#include "record.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <vector>

namespace {

/// The LV name out of `lvpoll ... VG/LV -An ...`.
std::string lv_name(const std::vector<std::string>& arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i)
        if (const auto slash = arguments[i].find('/');
            slash != std::string::npos && arguments[i][0] != '/')
            return arguments[i].substr(slash + 1);
    return "default";
}

bool has_program(pid_t pid) {
    char first = 0;
    return ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), &first, 1) > 0;
}

/// Whether no other fake polls (or aborts) the same LV at this moment. The lock goes with the
/// process, but some milliseconds after its program, and a daemon need not wait for that. So the
/// holder writes its PID into the file, and one without a program doesn't count.
bool runs_alone(const std::string& directory, const std::string& name, int& lock) {
    const std::string path = directory + "/" + name + ".lock";
    lock = fake_lvm::checked(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "lock file");
    pid_t holder = 0;
    while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (::pread(lock, &holder, sizeof holder, 0) == sizeof holder && has_program(holder))
            return false;
        ::usleep(1000); // the lock goes, or another PID comes: nothing tells of either
    }
    holder = ::getpid();
    return ::pwrite(lock, &holder, sizeof holder, 0) == sizeof holder;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const std::string descriptors = fake_lvm::open_descriptors();
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        const char* directory = std::getenv("FAKE_LVM_DIR");
        if (directory == nullptr)
            throw std::runtime_error("FAKE_LVM_DIR is not set");
        const bool abort =
            std::find(arguments.begin(), arguments.end(), "--abort") != arguments.end();
        const std::string name = lv_name(arguments) + (abort ? ":abort" : "");
        int lock = -1;
        const bool alone = runs_alone(directory, name, lock);
        fake_lvm::Puppet puppet(directory, name, lock);
        puppet.open(fake_lvm::record(argc, argv, descriptors, alone));
        puppet.play();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fake lvm: %s\n", error.what());
        return 99;
    }
}
