// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Daemons that die, each in a process of its own.
#include "base/forked.h"
#include "state/fatal_signals.h"
#include "state/state_directory_test.h"

#include <signal.h>

#include <gmock/gmock.h>

namespace lvmpolld {
namespace {

using testing::ElementsAre;

class CrashedStateDirectoryTest : public StateDirectoryTest {
protected:
    CrashedStateDirectoryTest() {
        StateDirectory directory(path, log);
        for (const RecordNumber number : {1U, 2U, 3U})
            directory.save(record(number));
        directory.end_life();
    }

    /// A daemon begins and ends by this signal with this file at hand.
    void die_over(TakenUp file, int signal = SIGABRT) {
        forked([&]() -> std::string {
            StateDirectory directory(path, log);
            const FatalSignals fatal_signals(directory);
            directory.begin_life();
            directory.take_up(file);
            ::kill(::getpid(), signal);
            return "it lives";
        });
    }

    void stop_in_order() {
        StateDirectory directory(path, log);
        directory.begin_life();
        directory.load();
        directory.end_life();
    }

    const TakenUp second = taken_up_record(false, 2);
};

TEST_F(CrashedStateDirectoryTest, TellsHowManyInARow) {
    EXPECT_EQ(StateDirectory(path, log).begin_life(), 0U);
    StateDirectory(path, log).end_life();
    die_over(nothing_taken_up);
    die_over(nothing_taken_up);
    EXPECT_EQ(StateDirectory(path, log).begin_life(), 2U);
    stop_in_order();
    EXPECT_EQ(StateDirectory(path, log).begin_life(), 0U);
    EXPECT_TRUE(log.messages.empty());
}

TEST_F(CrashedStateDirectoryTest, AKillOfTheFirstDaemonOfAllIsOne) {
    const auto other = folder / "other";
    forked([&]() -> std::string {
        StateDirectory directory(other, log);
        directory.begin_life();
        directory.save(record(1)); // makes it
        ::kill(::getpid(), SIGKILL);
        return "it lives";
    });
    EXPECT_EQ(StateDirectory(other, log).begin_life(), 1U);
}

TEST_F(CrashedStateDirectoryTest, ThreeFaultsOverARecordSetItAside) {
    for (int death = 0; death < 3; ++death) {
        EXPECT_TRUE(exists("poll-2")) << death;
        die_over(second);
    }
    StateDirectory directory(path, log);
    EXPECT_EQ(directory.begin_life(), 3U);
    std::vector<RecordNumber> numbers;
    for (const auto& record : directory.load())
        numbers.push_back(record.number);
    EXPECT_THAT(numbers, ElementsAre(1, 3));
    EXPECT_TRUE(exists("poll-2.set-aside"));
    EXPECT_TRUE(log.has(LogLevel::error, "poll-2 (3 daemons in a row have died over it, 3 of them "
                                         "by their own fault)"));
    EXPECT_TRUE(log.has(LogLevel::error, "`vgchange --poll y`")) << "the way out";
    EXPECT_EQ(log.messages.size(), 1U);
    EXPECT_THAT(directory.set_aside_files(), ElementsAre("poll-2"));
}

TEST_F(CrashedStateDirectoryTest, KillsSetARecordAsideAfterTen) {
    for (int death = 0; death < 10; ++death) {
        die_over(second, SIGKILL);
        EXPECT_TRUE(exists("poll-2")) << death;
    }
    StateDirectory(path, log).begin_life();
    EXPECT_TRUE(exists("poll-2.set-aside"));
    EXPECT_TRUE(log.has(LogLevel::error, "10 daemons in a row have died over it, 0 of them"));
}

TEST_F(CrashedStateDirectoryTest, AnExceptionIsAFaultOfItsOwn) {
    for (int death = 0; death < 3; ++death) {
        EXPECT_TRUE(exists("poll-2")) << death;
        StateDirectory directory(path, log);
        directory.begin_life();
        directory.take_up(second);
    }
    StateDirectory(path, log).begin_life();
    EXPECT_TRUE(exists("poll-2.set-aside"));
}

TEST_F(CrashedStateDirectoryTest, OtherEndsInBetweenAcquitTheRecord) {
    for (int time = 0; time < 3; ++time) {
        die_over(second);
        die_over(second);
        if (time == 0)
            die_over(nothing_taken_up); // it served
        else if (time == 1)
            stop_in_order();
    }
    EXPECT_THAT(loaded(), ElementsAre(1, 2, 3));
    EXPECT_TRUE(log.messages.empty());
}

TEST_F(CrashedStateDirectoryTest, ThreeFaultsOverTheSuspectCopies) {
    StateDirectory(path, log).save_suspects({{{"LVM-a", 0}, Lasts::with_lv}});
    for (int death = 0; death < 3; ++death)
        die_over(suspects_taken_up);
    StateDirectory directory(path, log);
    directory.begin_life();
    EXPECT_TRUE(directory.load_suspects().empty());
    EXPECT_EQ(directory.load().size(), 3U);
    EXPECT_TRUE(exists("suspects.set-aside"));
    EXPECT_TRUE(log.has(LogLevel::error, "may be taken for a good one"));
}

TEST_F(CrashedStateDirectoryTest, ARecordThatHasGoneIsNotMissed) {
    for (int death = 0; death < 3; ++death)
        die_over(taken_up_record(false, 9));
    StateDirectory directory(path, log);
    EXPECT_EQ(directory.begin_life(), 3U);
    EXPECT_TRUE(log.messages.empty());
}

TEST_F(CrashedStateDirectoryTest, WhatHasBeenReadIsNotAtHand) {
    StateDirectory directory(path, log);
    directory.begin_life();
    directory.load();
    const auto history = read_crash_history(path);
    ASSERT_TRUE(history);
    EXPECT_EQ(std::get<CrashHistory>(*history).at_hand, nothing_taken_up);
    EXPECT_TRUE(std::get<CrashHistory>(*history).runs);
}

TEST_F(CrashedStateDirectoryTest, ALaterVersionsMarkIsSaid) {
    put(StateMarks::file_name, std::string(8, '\0') + '\2' + std::string(119, '\0'));
    StateDirectory directory(path, log);
    EXPECT_EQ(directory.begin_life(), 0U);
    EXPECT_TRUE(log.has(LogLevel::warning, "has the format 2"));
    EXPECT_EQ(directory.load().size(), 3U);
}

} // namespace
} // namespace lvmpolld
