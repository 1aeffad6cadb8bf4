// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/memory_lock.h"

#include "base/forked.h"
#include "base/narrow_thread.h"
#include "base/sanitizer.h"
#include "base/temporary_folder.h"
#include "base/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t page = 4096;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

TEST(ReadableRanges, AreThoseOfProgramAndData) {
    EXPECT_THAT(readable_ranges("7f0000001000-7f0000003000 r--p 00000000 fd:00 12    /sbin/x\n"
                                "7f0000003000-7f0000008000 r-xp 00002000 fd:00 12    /sbin/x\n"
                                "7f0000010000-7f0000021000 rw-p 00000000 00:00 0     [heap]\n"
                                "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0     [stack]\n"),
                ElementsAre(MemoryRange{0x7f0000001000, 0x7f0000003000},
                            MemoryRange{0x7f0000003000, 0x7f0000008000},
                            MemoryRange{0x7f0000010000, 0x7f0000021000},
                            MemoryRange{0x7ffc00000000, 0x7ffc00021000}));
}

TEST(ReadableRanges, LeaveOutGuardsAndTheKernels) {
    EXPECT_THAT(readable_ranges("7f0000008000-7f0000009000 ---p 00000000 00:00 0\n"
                                "7ffc00022000-7ffc00026000 r--p 00000000 00:00 0     [vvar]\n"
                                "7ffc00026000-7ffc00028000 r-xp 00000000 00:00 0     [vdso]\n"
                                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 "
                                "[vsyscall]\n"),
                IsEmpty());
}

TEST(ReadableRanges, AreNoneInWhatIsNoSuchText) {
    for (const auto* text : {"", "\n", "7f00", "7f00-", "7f00-7f10", "7f00-7f10 ", "x-y r--p\n",
                             "fffffffffffffffff-fffffffffffffffff r--p 0 0 0\n"})
        EXPECT_THAT(readable_ranges(text), IsEmpty()) << text;
}

TEST(MemoryLockFlags, LockLaterMemoryWhereThatCannotFail) {
    EXPECT_EQ(memory_lock_flags(true), MCL_CURRENT | MCL_ONFAULT | MCL_FUTURE);
    EXPECT_EQ(memory_lock_flags(false), MCL_CURRENT | MCL_ONFAULT);
}

/// Each test locks a process of its own.
struct MemoryLockTest : testing::Test {
    void SetUp() override {
        if (under_a_sanitizer)
            GTEST_SKIP() << "mlockall() has no effect under a sanitizer";
        if ((effective_capabilities() & capability(CAP_IPC_LOCK)) == 0)
            GTEST_SKIP() << "needs CAP_IPC_LOCK";
    }

    /// KiB, of a line of /proc/self/status.
    static long status(const std::string& name) {
        const auto text = read_text_file("/proc/self/status").value_or("");
        const auto at = text.find("\n" + name + ":");
        return at == text.npos ? -1 : std::stol(text.substr(at + name.size() + 2));
    }

    static long faults() {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_majflt + usage.ru_minflt;
    }

    static std::byte* map(std::size_t bytes, int file = -1) {
        const int protection = file < 0 ? PROT_READ | PROT_WRITE : PROT_READ;
        const int flags = MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0);
        void* const address = ::mmap(nullptr, bytes, protection, flags, file, 0);
        return address == MAP_FAILED ? nullptr : static_cast<std::byte*>(address);
    }

    static void touch(const volatile std::byte* memory, std::size_t bytes) {
        for (std::size_t at = 0; at < bytes; at += page)
            static_cast<void>(memory[at]);
    }
};

TEST_F(MemoryLockTest, HoldsAsLongAsItLives) {
    EXPECT_EQ(forked([] {
                  std::optional<MemoryLock> lock(std::in_place);
                  if (lock->error() != 0 || status("VmLck") <= 0)
                      return std::string("not locked");
                  lock.reset();
                  return status("VmLck") == 0 ? std::string() : "still locked";
              }),
              "");
}

TEST_F(MemoryLockTest, ReadsInWhatHasNotBeenUsedYet) {
    const TemporaryFolder folder;
    const auto path = folder / "program";
    std::ofstream(path) << std::string(mebibyte, 'x');
    EXPECT_EQ(forked([&] {
                  const auto* const program = map(mebibyte, ::open(path.c_str(), O_RDONLY));
                  const MemoryLock lock;
                  faults(); // has been called
                  const auto before = faults();
                  touch(program, mebibyte);
                  return faults() == before ? std::string() : "it was not in memory";
              }),
              "");
}

TEST_F(MemoryLockTest, DoesNotFillWhatWasNeverUsed) {
    EXPECT_EQ(forked([] {
                  const auto* const stack = map(64 * mebibyte);
                  const auto before = status("VmRSS");
                  const MemoryLock lock;
                  const auto more = status("VmRSS") - before;
                  return stack != nullptr && more < 32 * 1024 ? std::string()
                                                              : std::to_string(more) + " KiB more";
              }),
              "");
}

TEST_F(MemoryLockTest, HoldsWhatIsAllocatedMeanwhile) {
    EXPECT_EQ(forked([] {
                  const MemoryLock lock;
                  const auto before = status("VmLck");
                  touch(map(mebibyte), mebibyte);
                  const auto more = status("VmLck") - before;
                  return more == 1024 ? std::string() : std::to_string(more) + " KiB more";
              }),
              "");
}

/// Without the right to lock, the limit decides.
std::string error_with_limit(rlim_t bytes) {
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    narrow_thread(0);
    return std::to_string(MemoryLock().error());
}

TEST_F(MemoryLockTest, SaysWhyItCannot) {
    EXPECT_EQ(forked([] { return error_with_limit(0); }), std::to_string(EPERM));
    EXPECT_EQ(forked([] { return error_with_limit(page); }), std::to_string(ENOMEM));
}

TEST_F(MemoryLockTest, NeedsNoRightWithoutALimit) {
    EXPECT_EQ(forked([] { return error_with_limit(RLIM_INFINITY); }), "0");
}

} // namespace
} // namespace lvmpolld
