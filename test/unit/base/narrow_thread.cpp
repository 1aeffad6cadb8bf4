// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/narrow_thread.h"

#include "base/sanitizer.h"
#include "base/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace lvmpolld {
namespace {

/// What the kernel says of a thread.
struct Rights {
    std::string no_new_privileges;
    std::string capabilities;
    std::string filter;

    bool operator==(const Rights&) const = default;
};

std::string field(const std::string& status, const std::string& name) {
    const auto begin = status.find("\n" + name + ":\t") + name.size() + 3;
    return status.substr(begin, status.find('\n', begin) - begin);
}

Rights rights_of_this_thread() {
    const auto status = read_text_file("/proc/thread-self/status").value_or("");
    return {field(status, "NoNewPrivs"), field(status, "CapEff"), field(status, "Seccomp")};
}

/// 0, or why the program can't be started.
int start_a_program() {
    std::array<char*, 2> arguments{const_cast<char*>("true"), nullptr};
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, "/bin/true", nullptr, nullptr, arguments.data(), arguments.data() + 1);
    if (error == 0)
        ::waitpid(pid, nullptr, 0);
    return error;
}

/// On a thread that keeps these capabilities.
void on_a_narrow_thread(const std::function<void()>& work, Capabilities kept = rights::log) {
    std::thread([&] {
        ASSERT_EQ(narrow_thread(kept), 0);
        work();
    }).join();
}

TEST(NarrowThread, StartsNoProgram) {
    on_a_narrow_thread([] {
        EXPECT_EQ(start_a_program(), EPERM);
        EXPECT_EQ(::syscall(SYS_execve, nullptr, nullptr, nullptr), -1);
        EXPECT_EQ(errno, EPERM);
        EXPECT_EQ(::syscall(SYS_execveat, -1, nullptr, nullptr, nullptr, 0), -1);
        EXPECT_EQ(errno, EPERM);
    });
}

TEST(NarrowThread, KeepsTheGivenCapabilitiesOnly) {
    const auto before = effective_capabilities();
    for (const auto kept : {rights::log, rights::files, rights::disks, Capabilities{0}})
        on_a_narrow_thread([&] { EXPECT_EQ(effective_capabilities(), before & kept); }, kept);
}

TEST(NarrowThread, IsSeenToBeNarrow) {
    on_a_narrow_thread([] {
        const auto rights = rights_of_this_thread();
        EXPECT_EQ(rights.no_new_privileges, "1");
        EXPECT_EQ(rights.filter, "2");
    });
}

/// None of these does harm where it is allowed: nothing is named, or what is asked for is so.
TEST(NarrowThread, MakesNoCallThatItNeverNeeds) {
    std::vector<std::pair<const char*, std::function<long()>>> calls{
        {"mount", [] { return ::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr); }},
        {"unshare", [] { return ::syscall(SYS_unshare, 0); }},
        {"setns", [] { return ::syscall(SYS_setns, -1, 0); }},
        {"setuid", [] { return ::syscall(SYS_setuid, ::getuid()); }},
        {"setresgid", [] { return ::syscall(SYS_setresgid, -1, -1, -1); }},
        {"bpf", [] { return ::syscall(SYS_bpf, -1, nullptr, 0); }},
        {"keyctl", [] { return ::syscall(SYS_keyctl, -1, 0, 0, 0, 0); }},
        {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, -1); }},
        {"finit_module", [] { return ::syscall(SYS_finit_module, -1, nullptr, 0); }},
        {"open_by_handle_at", [] { return ::syscall(SYS_open_by_handle_at, -1, nullptr, 0); }},
        {"process_vm_readv",
         [] { return ::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0); }}};
    if (!under_a_sanitizer)
        calls.emplace_back("ptrace", [] { return ::syscall(SYS_ptrace, -1, 0, nullptr, nullptr); });
    on_a_narrow_thread([&] {
        for (const auto& [name, call] : calls) {
            SCOPED_TRACE(name);
            errno = 0;
            EXPECT_EQ(call(), -1);
            EXPECT_EQ(errno, EPERM);
        }
    });
}

TEST(NarrowThread, StillServes) {
    on_a_narrow_thread([] {
        EXPECT_GE(::close(::open("/dev/null", O_RDWR | O_CLOEXEC)), 0);
        EXPECT_GE(::close(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0);
        EXPECT_EQ(std::vector<char>(std::size_t{4} << 20).back(), 0); // from mmap
    });
}

TEST(NarrowThread, WhatItStartsIsAsNarrow) {
    on_a_narrow_thread([] {
        const auto own = rights_of_this_thread();
        Rights its_threads;
        std::thread([&] { its_threads = rights_of_this_thread(); }).join();
        EXPECT_EQ(its_threads, own);
    });
}

TEST(NarrowThread, LeavesTheOthersAsTheyAre) {
    const auto before = rights_of_this_thread();
    on_a_narrow_thread([&] { EXPECT_NE(rights_of_this_thread(), before); });
    EXPECT_EQ(rights_of_this_thread(), before);
    EXPECT_EQ(start_a_program(), 0);
}

TEST(NarrowThread, MayBeNarrowedAgain) {
    on_a_narrow_thread(
        [] {
            EXPECT_EQ(narrow_thread(rights::files), 0);
            EXPECT_EQ(effective_capabilities() & ~rights::log, 0U);
        },
        rights::log);
}

} // namespace
} // namespace lvmpolld
