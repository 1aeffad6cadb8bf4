// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/state_directory_test.h"

#include "base/forked.h"
#include "base/text_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Whether somebody waits for the lock of `path` (/proc/locks, proc(5)).
bool is_waited_for(const std::string& path) {
    struct stat status {};

    ::stat(path.c_str(), &status);
    const auto inode = ":" + std::to_string(status.st_ino) + " ";
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);)
        if (line.find("-> ") != line.npos && line.find(inode) != line.npos)
            return true;
    return false;
}

TEST_F(StateDirectoryTest, IsPrivateToItsUser) {
    StateDirectory directory(path, log);
    EXPECT_NE(::access(path.c_str(), F_OK), 0) << "the first record makes it";
    directory.save(record(1));

    struct stat status {};

    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(StateDirectoryTest, OneThatOthersCanReadIsNotUsed) {
    ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
    StateDirectory directory(path, log);
    directory.save(record(1));
    EXPECT_FALSE(exists("poll-1"));
    EXPECT_NE(directory.failure(), "");
    EXPECT_TRUE(log.has(LogLevel::error, "will be LOST"));
    EXPECT_TRUE(log.has(LogLevel::error, "is not private"));
    EXPECT_TRUE(log.has(LogLevel::error, "--state-dir"));
    EXPECT_EQ(log.count(LogLevel::error), 1U);
}

TEST_F(StateDirectoryTest, HasOneSpelling) {
    EXPECT_EQ(StateDirectory(path + "/", log).path(), path);
    EXPECT_EQ(StateDirectory(folder / "./socket.state//", log).path(), path);
    EXPECT_EQ(StateDirectory("/no such folder/state", log).path(), "/no such folder/state");
}

TEST_F(StateDirectoryTest, AShortageOfDescriptorsPasses) {
    EXPECT_EQ(forked([this]() -> std::string {
                  StateDirectory directory(path, log);
                  const int next = ::dup(0);
                  ::close(next);
                  rlimit before{};
                  ::getrlimit(RLIMIT_NOFILE, &before);
                  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
                  // A sanitizer looks at a type for the first time with a pipe: fail once before.
                  StateDirectory(folder / "no parent/state", log).save(record(1));
                  ::setrlimit(RLIMIT_NOFILE, &none);
                  directory.save(record(1));
                  ::setrlimit(RLIMIT_NOFILE, &before);
                  if (directory.failure().empty())
                      return "the first record could be written";
                  directory.save(record(2));
                  return directory.failure();
              }),
              "");
    EXPECT_THAT(loaded(), ElementsAre(2));
    EXPECT_TRUE(log.has(LogLevel::warning, "could not write all")) << "the first is missing";
}

TEST_F(StateDirectoryTest, IsMadeOnceItCanBe) {
    const std::string parent = folder / "not yet";
    {
        StateDirectory directory(parent + "/state", log);
        directory.save(record(1));
        EXPECT_THAT(directory.failure(), HasSubstr("No such file"));
        ASSERT_EQ(::mkdir(parent.c_str(), 0700), 0);
        directory.save(record(2));
        EXPECT_EQ(directory.failure(), "");
        EXPECT_TRUE(log.has(LogLevel::warning, "again"));
    }
    StateDirectory next(parent + "/state", log);
    EXPECT_EQ(next.load().size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "could not write all")) << "the first is missing";
}

TEST_F(StateDirectoryTest, AShortageOfDescriptorsDoesNotSetARecordAside) {
    {
        StateDirectory directory(path, log);
        directory.save(record(1));
    }
    const auto outcome = forked([&]() -> std::string {
        StateDirectory directory(path, log);
        const int next = ::dup(0);
        ::close(next);
        const rlimit none{static_cast<rlim_t>(next), static_cast<rlim_t>(next) + 8};
        const rlimit enough{none.rlim_max, none.rlim_max};
        // The sanitizers look at a type for the first time with a pipe.
        static_cast<void>(std::system_error(EMFILE, std::generic_category(), "looked at"));
        static_cast<void>(std::system_error(EMFILE, std::system_category(), "looked at"));
        if (::setrlimit(RLIMIT_NOFILE, &none) != 0)
            return "no limit";
        try {
            directory.load();
        } catch (const std::system_error& error) {
            ::setrlimit(RLIMIT_NOFILE, &enough); // sanitizers need some to look at an exception
            return error.code().value() == EMFILE ? "" : error.what();
        }
        return "it was loaded";
    });
    EXPECT_EQ(outcome, "");
    EXPECT_THAT(loaded(), ElementsAre(1));
}

TEST_F(StateDirectoryTest, OneThatAppearsUnderWayIsAnotherDaemons) {
    StateDirectory directory(path, log);
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    directory.save(record(1));
    EXPECT_FALSE(exists("poll-1"));
    EXPECT_THAT(directory.failure(), HasSubstr("File exists"));
    EXPECT_TRUE(log.has(LogLevel::error, "CAN'T be written"));
}

TEST_F(StateDirectoryTest, RecordsOutliveTheObjectInTheirOrder) {
    {
        StateDirectory directory(path, log);
        directory.save(record(10));
        directory.save(abort_record(9));
        directory.save(record(100));
        directory.save(record(100));
    }
    EXPECT_THAT(loaded(), ElementsAre(9, 10, 100));
}

TEST_F(StateDirectoryTest, ARemovedRecordIsGone) {
    {
        StateDirectory directory(path, log);
        directory.save(record(1));
        directory.save(abort_record(1));
        directory.remove(false, 1);
        directory.remove(false, 2);
    }
    EXPECT_THAT(loaded(), ElementsAre(1));
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(StateDirectoryTest, SuspectCopiesOutliveTheObject) {
    const SuspectList suspects{{{"LVM-a", 0}, Lasts::with_lv},
                               {{"LVM-b-pvmove", 2048}, Lasts::with_device}};
    EXPECT_THAT(StateDirectory(path, log).load_suspects(), IsEmpty());
    StateDirectory(path, log).save_suspects(suspects);
    EXPECT_EQ(StateDirectory(path, log).load_suspects(), suspects);
    EXPECT_THAT(loaded(), IsEmpty()) << "it is no record";
    EXPECT_TRUE(log.messages.empty());
}

TEST_F(StateDirectoryTest, AnUnusableListOfSuspectCopiesIsReported) {
    StateDirectory(path, log).save_suspects({});
    put("suspects", "lvmpolld_ref");
    EXPECT_THAT(StateDirectory(path, log).load_suspects(), IsEmpty());
    EXPECT_TRUE(log.has(LogLevel::warning, "set aside in " + path + ": suspects (not a list"));
    EXPECT_TRUE(exists("suspects.set-aside"));
}

TEST_F(StateDirectoryTest, AListOfSuspectCopiesThatHidesIsReported) {
    StateDirectory(path, log).save_suspects({});
    ASSERT_EQ(::unlink((path + "/suspects").c_str()), 0);
    ASSERT_EQ(::symlink("suspects", (path + "/suspects").c_str()), 0); // ELOOP
    EXPECT_THAT(StateDirectory(path, log).load_suspects(), IsEmpty());
    EXPECT_TRUE(log.has(LogLevel::warning, "set aside in " + path + ": suspects ("));
}

TEST_F(StateDirectoryTest, WhatCannotBeUsedIsSetAsideWithOneWarning) {
    {
        StateDirectory directory(path, log);
        directory.save(record(1));
        put("poll-2", "rubbish {");
        put("poll-3", "");
        put("poll-x", "");
        put("poll-", "");
        directory.save(abort_record(7));
        ASSERT_EQ(::rename((path + "/abort-7").c_str(), (path + "/poll-7").c_str()), 0);
        directory.save(record(8));
        ASSERT_EQ(::rename((path + "/poll-8").c_str(), (path + "/poll-08").c_str()), 0);
        put("notes", "");
        put("poll-4", "lvmpolld_record = 1\nboot_id = \"another\"\n");
        ASSERT_EQ(::mkdir((path + "/poll-5").c_str(), 0700), 0);
    }
    EXPECT_THAT(loaded(), ElementsAre(1));
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
    EXPECT_TRUE(log.has(LogLevel::warning, "poll-4 (of another boot)"));
    for (const auto* name : {"poll-2", "poll-3", "poll-x", "poll-", "notes", "poll-4", "poll-5",
                             "poll-7", "poll-08"}) {
        EXPECT_FALSE(exists(name)) << name;
        EXPECT_TRUE(exists(name + std::string(".set-aside"))) << name;
    }
    EXPECT_THAT(loaded(), ElementsAre(1));
    EXPECT_EQ(log.count(LogLevel::warning), 1U);
}

TEST_F(StateDirectoryTest, ARecordThatACrashInterruptedIsDropped) {
    {
        StateDirectory directory(path, log);
        directory.save(record(1));
        put("poll-1.new", "lvmpolld_rec");
    }
    EXPECT_THAT(loaded(), ElementsAre(1));
    EXPECT_FALSE(exists("poll-1.new"));
    EXPECT_EQ(log.count(LogLevel::warning), 0U);
}

TEST_F(StateDirectoryTest, IsReadableToAPerson) {
    StateDirectory directory(path, log);
    directory.save(record(1));
    const auto text = read_text_file((path + "/poll-1").c_str()).value_or("");
    EXPECT_THAT(text, HasSubstr("\tvgname = \"vg\"\n\tlvname = \"lv\"\n"));
}

TEST_F(StateDirectoryTest, OneThatVanishesIsReportedOnce) {
    StateDirectory directory(path, log);
    directory.save(record(1));
    std::filesystem::remove_all(path);
    directory.save(record(2));
    directory.save(record(3));
    directory.remove(false, 1);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
    EXPECT_TRUE(log.has(LogLevel::error, path));
    EXPECT_THAT(directory.failure(), HasSubstr(std::strerror(ENOENT)));
}

TEST_F(StateDirectoryTest, ARenameThatFailsLeavesNothingBehind) {
    StateDirectory directory(path, log);
    ASSERT_TRUE(directory.make());
    ASSERT_EQ(::mkdir((path + "/poll-1").c_str(), 0700), 0);
    directory.save(record(1));
    EXPECT_NE(directory.failure(), "");
    EXPECT_FALSE(exists("poll-1.new"));
}

/// Until its exec a child of a killed daemon has the lock, too.
TEST_F(StateDirectoryTest, WaitsForAChildThatIsBeingBorn) {
    ASSERT_TRUE(StateDirectory(path, log).make());
    const FileDescriptor held(::open(path.c_str(), O_RDONLY | O_DIRECTORY));
    ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
    bool waited = false;
    std::thread child([&] {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!waited && std::chrono::steady_clock::now() < deadline)
            waited = is_waited_for(path);
        ::flock(held.get(), LOCK_UN);
    });
    StateDirectory directory(path, log);
    child.join();
    EXPECT_TRUE(waited);
    EXPECT_TRUE(directory.make());
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(StateDirectoryTest, AnotherDaemonsIsRefused) {
    StateDirectory directory(path, log);
    ASSERT_TRUE(directory.make());
    StateDirectory another(path, log);
    EXPECT_FALSE(another.make());
    EXPECT_TRUE(log.has(LogLevel::error, "another daemon uses"));
}

} // namespace
} // namespace lvmpolld
