// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>

/// Clang's, in a build for test/coverage: what has run is counted at an exit only.
extern "C" int __llvm_profile_write_file() __attribute__((weak)); // NOLINT

namespace lvmpolld {

/// Runs `body` in a forked process, where it may do what would spoil the test's own, and gives what
/// it returns. An empty string is success by convention: EXPECT_EQ(forked([] { ... }), "").
template <typename Body>
std::string forked(Body body) {
    int ends[2];
    if (::pipe(ends) != 0)
        throw_errno("cannot make a pipe");
    const pid_t pid = ::fork();
    if (pid < 0)
        throw_errno("cannot fork");
    if (pid == 0) {
        std::string text;
        try {
            text = body();
        } catch (const std::exception& error) {
            text = std::string("exception: ") + error.what();
        }
        const auto written = ::write(ends[1], text.data(), text.size());
        if (__llvm_profile_write_file != nullptr)
            __llvm_profile_write_file();
        ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (;;) {
        const auto count = ::read(ends[0], buffer, sizeof(buffer));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0)
        text += " (the forked process ended with status " + std::to_string(status) + ")";
    return text;
}

} // namespace lvmpolld
