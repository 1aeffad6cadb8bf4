// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/state_marks.h"

#include "base/file_descriptor.h"
#include "base/temporary_folder.h"
#include "state/boot_id.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace lvmpolld {
namespace {

class StateMarksTest : public testing::Test {
protected:
    void put(std::string_view content) const {
        std::ofstream(folder / StateMarks::file_name, std::ios::binary) << content;
    }

    /// What another process finds.
    StateMarks::History found(std::string_view boot = "this boot") const {
        StateMarks marks;
        marks.open(directory.get());
        return marks.history(boot);
    }

    void expect_none(std::string_view boot = "this boot") const {
        const auto known = found(boot);
        ASSERT_TRUE(std::holds_alternative<CrashHistory>(known));
        EXPECT_EQ(std::get<CrashHistory>(known), CrashHistory{});
    }

    TemporaryFolder folder;
    FileDescriptor directory{::open((folder / "").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const CrashHistory history{.runs = true,
                               .at_hand = 35,
                               .crashes = 3,
                               .last_crash = 1'764'124'184,
                               .accused = 34,
                               .deaths = 2,
                               .faults = 1,
                               .own_fault = true};
};

TEST_F(StateMarksTest, ThatRecordsAreMissingOutlivesTheProcess) {
    {
        StateMarks marks;
        marks.open(directory.get());
        EXPECT_FALSE(marks.is_missing());
        marks.set_missing(true);
    }
    StateMarks later;
    later.open(directory.get());
    EXPECT_TRUE(later.is_missing());
}

TEST_F(StateMarksTest, KeepsWhatWasSetBeforeItsFileWasThere) {
    StateMarks marks;
    marks.set_missing(true);
    marks.open(directory.get());
    EXPECT_TRUE(marks.is_missing());
}

TEST_F(StateMarksTest, MayBeSetWhileItsFileIsOpened) {
    StateMarks marks;
    std::thread other([&] { marks.set_missing(true); });
    marks.open(directory.get());
    other.join();
    EXPECT_TRUE(marks.is_missing());
}

TEST_F(StateMarksTest, TheHistoryOutlivesTheProcess) {
    StateMarks marks;
    marks.open(directory.get());
    marks.store(history, "this boot");
    EXPECT_EQ(std::get<CrashHistory>(found()), history);
    marks.take_up(36);
    EXPECT_EQ(std::get<CrashHistory>(found()).at_hand, 36U);
    marks.end();
    EXPECT_FALSE(std::get<CrashHistory>(found()).runs);
    EXPECT_FALSE(marks.is_missing()) << "they don't touch each other";
}

TEST_F(StateMarksTest, AFaultIsOfTheDaemonThatHasAHistory) {
    StateMarks killed;
    killed.open(directory.get());
    killed.store({.runs = true, .at_hand = 35}, "this boot");
    {
        StateMarks fails_to_start;
        fails_to_start.open(directory.get());
        fails_to_start.note_fault();
    }
    EXPECT_FALSE(std::get<CrashHistory>(found()).own_fault);
    killed.note_fault();
    EXPECT_TRUE(std::get<CrashHistory>(found()).own_fault);
}

TEST_F(StateMarksTest, AHistoryOfAnotherBootIsNone) {
    StateMarks marks;
    marks.open(directory.get());
    marks.store(history, "another boot");
    expect_none();
    EXPECT_EQ(std::get<CrashHistory>(found("another boot")), history);
}

TEST_F(StateMarksTest, AnEarlierVersionsFileHasNone) {
    put("\1");
    expect_none();
    StateMarks marks;
    marks.open(directory.get());
    EXPECT_TRUE(marks.is_missing());
    marks.store(history, "this boot");
    EXPECT_TRUE(marks.is_missing());
    EXPECT_EQ(std::get<CrashHistory>(found()), history);
}

TEST_F(StateMarksTest, ALaterVersionsHistoryIsReplaced) {
    put(std::string(8, '\0') + '\2' + std::string(StateMarks::bytes - 9, '\0'));
    const auto later = found();
    ASSERT_TRUE(std::holds_alternative<StateMarks::UnknownFormat>(later));
    EXPECT_EQ(std::get<StateMarks::UnknownFormat>(later).number, 2U);
    StateMarks marks;
    marks.open(directory.get());
    marks.store(history, "this boot");
    EXPECT_EQ(std::get<CrashHistory>(found()), history);
}

TEST_F(StateMarksTest, WithoutItsFileItServesThisProcess) {
    ASSERT_EQ(::mkdir((folder / StateMarks::file_name).c_str(), 0700), 0);
    StateMarks marks;
    marks.open(directory.get());
    marks.store(history, "this boot");
    marks.take_up(1);
    EXPECT_EQ(std::get<CrashHistory>(marks.history("this boot")).at_hand, 1U);
    expect_none();
    EXPECT_FALSE(read_crash_history(folder / "nowhere"));
}

TEST_F(StateMarksTest, OthersMayReadTheHistory) {
    StateMarks marks;
    marks.open(directory.get());
    marks.store(history, boot_id());
    const auto read = read_crash_history(folder / "");
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<CrashHistory>(*read), history);
}

} // namespace
} // namespace lvmpolld
