// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/record_writer.h"

#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "operation/test_request.h"
#include "state/state_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class RecordWriterTest : public testing::Test {
protected:
    static Record record(RecordNumber number) {
        return {.number = number, .request = poll_request("id")};
    }

    bool exists(const std::string& name) const {
        return ::access((path + "/" + name).c_str(), F_OK) == 0;
    }

    void wait_until_written(Records::Ticket ticket) {
        for (auto seen = written.load(); !writer.is_written(ticket); seen = written.load())
            written.wait(seen);
    }

    TemporaryFolder folder;
    const std::string path = folder / "socket.state";
    RecordingLog log;
    StateDirectory directory{path, log};
    std::atomic<unsigned> written = 0;
    RecordWriter writer{directory, [this] {
                            ++written;
                            written.notify_all();
                        }};
};

TEST_F(RecordWriterTest, WritesInTheOrderInWhichItWasGiven) {
    writer.save(record(1), Records::By::writer);
    writer.save(record(2), Records::By::writer);
    writer.remove(false, 1);
    const auto last = writer.save(record(3), Records::By::writer);
    wait_until_written(last);
    EXPECT_FALSE(exists("poll-1"));
    EXPECT_TRUE(exists("poll-2"));
    EXPECT_TRUE(exists("poll-3"));
    EXPECT_EQ(written, 4U);
}

TEST_F(RecordWriterTest, DoesNotKeepItsCallersWaiting) {
    ASSERT_TRUE(directory.make());
    const auto slow = path + "/poll-1.new";
    ASSERT_EQ(::mkfifo(slow.c_str(), 0600), 0);
    const auto first = writer.save(record(1), Records::By::writer); // until somebody reads
    const auto second = writer.save(record(2), Records::By::writer);
    EXPECT_FALSE(writer.is_written(first));
    EXPECT_FALSE(writer.is_written(second));
    EXPECT_FALSE(exists("poll-2"));
    const FileDescriptor reader(::open(slow.c_str(), O_RDONLY | O_CLOEXEC));
    wait_until_written(second);
    EXPECT_TRUE(exists("poll-2"));
}

TEST_F(RecordWriterTest, WritesAllBeforeItsEndAndNothingAfterIt) {
    for (RecordNumber number = 1; number <= 50; ++number)
        writer.save(record(number), Records::By::writer);
    writer.close();
    EXPECT_TRUE(exists("poll-50"));
    writer.remove(false, 1);
    EXPECT_TRUE(writer.is_written(writer.save(record(51), Records::By::writer)));
    EXPECT_TRUE(exists("poll-1"));
    EXPECT_FALSE(exists("poll-51"));
}

TEST_F(RecordWriterTest, NamesWhatAHungDirectoryKeepsItFromWriting) {
    ASSERT_TRUE(directory.make());
    const auto slow = path + "/poll-1.new";
    ASSERT_EQ(::mkfifo(slow.c_str(), 0600), 0);
    writer.save(record(1), Records::By::writer);
    writer.save(record(2), Records::By::writer);
    writer.save_suspects({});
    writer.remove(true, 3);
    EXPECT_THAT(writer.close(1ms), ElementsAre("poll-1", "poll-2", "suspects", "abort-3"));
    const FileDescriptor reader(::open(slow.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_THAT(writer.close(20s), IsEmpty()) << "it answers again";
}

TEST_F(RecordWriterTest, WritesWhatItsCallerHasWritten) {
    const auto ticket = writer.save(record(1), Records::By::caller);
    writer.write();
    wait_until_written(ticket);
    EXPECT_TRUE(exists("poll-1"));
}

} // namespace
} // namespace lvmpolld
