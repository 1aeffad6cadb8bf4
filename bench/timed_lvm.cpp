// SPDX-License-Identifier: LGPL-2.1-or-later
// An lvm whose every start is a line in a file: the seconds of CLOCK_MONOTONIC, and the arguments.
// The file is that of test/lab/guest/lib.sh, which counts the lines.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

int main(int, char** argv) {
    static constexpr const char* starts_path = "/run/lab/log/lvpolls";
    static char lvm[] = "/sbin/lvm"; // which takes its command from its name, unless that is lvm

    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%lld.%09ld", static_cast<long long>(now.tv_sec),
                  now.tv_nsec);
    std::string line = seconds.data();
    for (char** argument = argv + 1; *argument != nullptr; ++argument)
        line += std::string{" "} + *argument;
    line += '\n';

    const int starts = open(starts_path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (starts < 0 || write(starts, line.data(), line.size()) < 0) {
        std::perror(starts_path);
        return 1;
    }
    argv[0] = lvm;
    execv(lvm, argv);
    std::perror(lvm);
    return 1;
}
