// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/fatal_signals.h"

#include "base/sanitizer.h"
#include "state/state_directory_test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace lvmpolld {
namespace {

class FatalSignalsTest : public StateDirectoryTest {
protected:
    FatalSignalsTest() { StateDirectory(path, log).make(); }

    /// Returns the wait status of a daemon that does this.
    template <typename Fault>
    int status_after(const Fault& fault) {
        const pid_t child = ::fork();
        if (child == 0) {
            StateDirectory directory(path, log);
            const FatalSignals fatal_signals(directory);
            directory.begin_life();
            fault();
            ::_exit(EXIT_SUCCESS);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return status;
    }

    bool noted() const {
        const auto history = read_crash_history(path);
        return history && std::get<CrashHistory>(*history).own_fault;
    }
};

TEST_F(FatalSignalsTest, AnAbortIsNotedAndEndsTheProcess) {
    const int status = status_after([] { std::abort(); });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
    EXPECT_TRUE(noted());
}

TEST_F(FatalSignalsTest, AFaultOfMemoryIsNotedAndEndsIt) {
    const int status = status_after([] {
        const auto* const page = static_cast<volatile const char*>(
            ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        ::_exit(*page);
    });
    EXPECT_NE(status, 0);
    if (!under_a_sanitizer) { // whose report ends it
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
    }
    EXPECT_TRUE(noted());
}

TEST_F(FatalSignalsTest, AKillIsNot) {
    const int status = status_after([] { ::kill(::getpid(), SIGKILL); });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    EXPECT_FALSE(noted());
}

TEST_F(FatalSignalsTest, EndsWithItsScope) {
    struct sigaction before {};

    struct sigaction during {};

    struct sigaction after {};

    ::sigaction(SIGSEGV, nullptr, &before);
    StateDirectory directory(path, log);
    {
        const FatalSignals fatal_signals(directory);
        ::sigaction(SIGSEGV, nullptr, &during);
    }
    ::sigaction(SIGSEGV, nullptr, &after);
    EXPECT_NE(during.sa_sigaction, before.sa_sigaction);
    EXPECT_EQ(after.sa_sigaction, before.sa_sigaction);
}

} // namespace
} // namespace lvmpolld
