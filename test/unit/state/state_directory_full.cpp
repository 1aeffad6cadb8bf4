// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A state directory whose file system is full.
#include "base/forked.h"
#include "state/state_directory_test.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstring>

namespace lvmpolld {
namespace {

/// Runs `body` in a process where the state directory is a file system of this size (tmpfs(5)). It
/// returns what is wrong.
template <typename Body>
std::string with_file_system(const std::string& path, const std::string& size, Body body) {
    return forked([&]() -> std::string {
        const auto options = "mode=0700,size=" + size;
        if (::mkdir(path.c_str(), 0700) != 0 || ::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) != 0)
            return "skipped";
        return body();
    });
}

/// Takes what space there is.
void fill(const std::string& path) {
    const FileDescriptor file(
        ::open((path + "/.filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string page(4096, 'x');
    while (::write(file.get(), page.data(), page.size()) > 0) {
    }
}

TEST_F(StateDirectoryTest, AFullFileSystemIsReportedAndItsEndToo) {
    const auto outcome = with_file_system(path, "16k", [&]() -> std::string {
        StateDirectory directory(path, log);
        for (RecordNumber number = 1; number <= 20; ++number)
            directory.save(record(number));
        if (directory.failure().find(std::strerror(ENOSPC)) == std::string::npos ||
            log.count(LogLevel::error) != 1)
            return "a full file system wasn't noticed";
        for (RecordNumber number = 1; number <= 20; ++number)
            directory.remove(false, number);
        directory.save(record(21));
        return directory.failure().empty() && log.has(LogLevel::warning, "again") ? ""
                                                                                  : "it isn't over";
    });
    if (outcome == "skipped")
        GTEST_SKIP() << "no mount namespace without root";
    EXPECT_EQ(outcome, "");
}

TEST_F(StateDirectoryTest, TheReserveTakesRecordsWhenSpaceIsOut) {
    const auto outcome = with_file_system(path, "512k", [&]() -> std::string {
        StateDirectory directory(path, log);
        fill(path);
        for (RecordNumber number = 1; number <= 8; ++number)
            directory.save(record(number));
        if (!directory.failure().empty() || !log.has(LogLevel::warning, "its reserve is in use"))
            return "the reserve wasn't used: " + directory.failure();
        ::unlink((path + "/.filler").c_str());
        directory.save(record(9));
        fill(path);
        for (RecordNumber number = 10; number <= 18; ++number)
            directory.save(record(number));
        return directory.failure();
    });
    if (outcome == "skipped")
        GTEST_SKIP() << "no mount namespace without root";
    EXPECT_EQ(outcome, "");
}

TEST_F(StateDirectoryTest, AnEarlierDaemonsReserveIsGivenUpToo) {
    const auto outcome = with_file_system(path, "512k", [&]() -> std::string {
        StateDirectory(path, log); // killed before it had to give it up
        fill(path);
        StateDirectory directory(path, log);
        for (RecordNumber number = 1; number <= 8; ++number)
            directory.save(record(number));
        return directory.failure();
    });
    if (outcome == "skipped")
        GTEST_SKIP() << "no mount namespace without root";
    EXPECT_EQ(outcome, "");
}

TEST_F(StateDirectoryTest, TheNextStartSaysThatRecordsAreMissing) {
    const auto outcome = with_file_system(path, "512k", [&]() -> std::string {
        const auto next_start_warns = [&] {
            StateDirectory(path, log).load();
            const bool warned = log.has(LogLevel::warning, "some may be LOST. `lvs -a`");
            log.messages.clear();
            return warned;
        };
        {
            StateDirectory directory(path, log);
            directory.save(record(1));
            fill(path);
            for (RecordNumber number = 2; number <= 100; ++number)
                directory.save(record(number));
            if (directory.failure().empty())
                return "it never got full";
        }
        if (!next_start_warns())
            return "no warning";
        if (next_start_warns())
            return "a second warning";
        {
            StateDirectory directory(path, log);
            directory.save(record(200)); // fails
            ::unlink((path + "/.filler").c_str());
            directory.save(record(200));
        }
        return next_start_warns() ? "a warning though all is written" : "";
    });
    if (outcome == "skipped")
        GTEST_SKIP() << "no mount namespace without root";
    EXPECT_EQ(outcome, "");
}

} // namespace
} // namespace lvmpolld
