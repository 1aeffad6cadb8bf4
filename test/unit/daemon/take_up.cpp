// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/take_up.h"

#include "base/forked.h"
#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "operation/test_request.h"
#include "state/state_directory.h"
#include "state/state_marks.h"

#include <signal.h>

#include <gtest/gtest.h>

#include <fstream>
#include <new>
#include <stdexcept>
#include <string>

namespace lvmpolld {
namespace {

class TakeUpTest : public testing::Test {
protected:
    /// An operation that an earlier daemon has accepted.
    void accept(RecordNumber number, const std::string& lv, std::optional<Result> result = {}) {
        auto request = poll_request(lv);
        request.lvname = lv;
        StateDirectory directory(path, log);
        directory.begin_life();
        directory.save({.number = number, .request = std::move(request), .result = result});
        directory.end_life();
    }

    /// A daemon is killed while it serves.
    void crash() {
        forked([this]() -> std::string {
            StateDirectory directory(path, log);
            directory.begin_life();
            ::kill(::getpid(), SIGKILL);
            return "it lives";
        });
    }

    Inheritance take_up(const FindSurvivors& find = [](auto) { return std::vector<Survivor>(); }) {
        StateDirectory directory(path, log);
        return take_up_operations(directory, polls, aborts, log, find);
    }

    TakenUp at_hand() const {
        const auto history = read_crash_history(path);
        return history ? std::get<CrashHistory>(*history).at_hand : ~TakenUp{0};
    }

    TemporaryFolder folder;
    const std::string path = folder / "socket.state";
    RecordingLog log;
    Store polls{Retention{}, nullptr};
    Store aborts{Retention{}, nullptr};
};

TEST_F(TakeUpTest, AfterAStopIsNoNews) {
    accept(1, "lv1");
    EXPECT_EQ(take_up().unfinished.size(), 1U);
    EXPECT_TRUE(log.has(LogLevel::info, "taking up 1 operation (vg/lv1), 0 of whose lvpolls"));
    EXPECT_EQ(log.messages.size(), 1U);
}

TEST_F(TakeUpTest, AfterACrashOneLineSaysWhatThereWas) {
    accept(1, "lv1");
    accept(2, "lv2");
    accept(3, "lv3", Exited{0});
    crash();
    crash();
    EXPECT_EQ(take_up().unfinished.size(), 2U);
    EXPECT_TRUE(log.has(LogLevel::warning,
                        "the last daemon was killed or has crashed (2 in a row). This one takes up "
                        "2 operations (vg/lv1, vg/lv2), 0 of whose lvpolls still run, and sets "
                        "aside nothing"));
    EXPECT_EQ(log.messages.size(), 1U);
}

TEST_F(TakeUpTest, AfterACrashItSaysWhatIsSetAside) {
    accept(1, "lv1");
    std::ofstream(path + "/poll-2") << "rubbish";
    crash();
    take_up();
    EXPECT_TRUE(log.has(LogLevel::warning, "1 operation (vg/lv1), 0 of whose lvpolls still run, "
                                           "and sets aside poll-2"));
}

TEST_F(TakeUpTest, AfterACrashWithoutOperations) {
    accept(1, "lv1", Exited{0});
    crash();
    take_up();
    EXPECT_TRUE(log.has(LogLevel::warning, "takes up no operations, and sets aside nothing"));
}

TEST_F(TakeUpTest, OfManyOperationsSomeAreNamed) {
    for (unsigned number = 1; number <= 10; ++number)
        accept(number, "lv" + std::to_string(number));
    crash();
    take_up();
    EXPECT_TRUE(log.has(LogLevel::warning, "10 operations (vg/lv1, "));
    EXPECT_TRUE(log.has(LogLevel::warning, "vg/lv8 and 2 more)"));
}

TEST_F(TakeUpTest, WhenItIsOverNoRecordIsAtHand) {
    accept(1, "lv1");
    take_up();
    EXPECT_EQ(at_hand(), nothing_taken_up);
}

TEST_F(TakeUpTest, ARefusalOfTheSystemBlamesNoRecord) {
    accept(1, "lv1");
    StateDirectory directory(path, log);
    const auto refused = [&](std::string_view) -> std::vector<Survivor> {
        directory.take_up(taken_up_record(false, 1));
        throw std::bad_alloc();
    };
    EXPECT_THROW(take_up_operations(directory, polls, aborts, log, refused), std::bad_alloc);
    EXPECT_EQ(at_hand(), nothing_taken_up);
}

TEST_F(TakeUpTest, AFaultOfOursBlamesTheRecordAtHand) {
    accept(1, "lv1");
    StateDirectory directory(path, log);
    const auto wrong = [&](std::string_view) -> std::vector<Survivor> {
        directory.take_up(taken_up_record(false, 1));
        throw std::out_of_range("of a string");
    };
    EXPECT_THROW(take_up_operations(directory, polls, aborts, log, wrong), std::out_of_range);
    EXPECT_EQ(at_hand(), taken_up_record(false, 1));
}

} // namespace
} // namespace lvmpolld
