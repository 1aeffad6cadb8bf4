// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/watch_test.h"

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

/// lvpoll exits 0, and the kernel still shows the copy.
class WatchDeniedTest : public WatchTest {
protected:
    /// Each lvpoll exits 0, until no other one is started within the longest pause.
    void say_success_on_and_on() {
        for (std::size_t run = 0; run < runs.size(); ++run) {
            if (runs[run].running())
                end(run, Exited{0});
            for (int seconds = 0; seconds < 40 && runs.size() == run + 1; ++seconds)
                advance(1s);
        }
    }

    dm::Copy merging(std::uint64_t remaining, dev_t cow) const {
        return dm::SimulatedKernel::merge(lvid, "vg", "lv", remaining, cow);
    }

    const dev_t first = makedev(7, 2);
    const dev_t second = makedev(7, 3);
};

TEST_F(WatchDeniedTest, IsNoResult) {
    const auto operation = start_stepping();
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_NE(operation->snapshot().waits_for, "");
}

TEST_F(WatchDeniedTest, IsTriedAgainWithGrowingPauses) {
    start_stepping();
    std::size_t expected = 1;
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s}) {
        end(expected - 1, Exited{0});
        advance(pause - 1ns);
        EXPECT_EQ(runs.size(), expected);
        advance(1ns);
        EXPECT_EQ(runs.size(), ++expected);
    }
}

TEST_F(WatchDeniedTest, IsAFailureAfterAMinute) {
    const auto operation = start_stepping();
    say_success_on_and_on();
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(log.count(LogLevel::error), 1U);
    EXPECT_TRUE(log.has(LogLevel::error, "vg-lv"));
    EXPECT_TRUE(log.has(LogLevel::error, "filters"));
    const auto tried = runs.size();
    advance(1h);
    EXPECT_EQ(runs.size(), tried) << "another host may own the VG by then";
}

TEST_F(WatchDeniedTest, IsAFailureForThoseWhoJoinedToo) {
    const auto operation = start_stepping();
    start(request());
    say_success_on_and_on();
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchDeniedTest, TellsWhatLvmPrinted) {
    const auto operation = start_stepping();
    launcher.fake.last_error = "Cannot process volume group vg";
    say_success_on_and_on();
    EXPECT_TRUE(log.has(LogLevel::error, "Cannot process volume group vg"));
}

TEST_F(WatchDeniedTest, IsTriedUnderTheNameOfThatMoment) {
    const auto operation = start_stepping();
    auto renamed = in_sync(0);
    renamed.vg = "new";
    happen_quietly(renamed);
    end(0, Exited{0});
    advance(1s);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].name, "new/lv");
    succeed(1);
    EXPECT_EQ(result(operation), Result(Exited{0}));
    EXPECT_EQ(log.count(LogLevel::error), 0U);
}

TEST_F(WatchDeniedTest, TheMinuteBeginsAnewWithASegment) {
    const auto operation = start_stepping();
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s}) {
        end(runs.size() - 1, Exited{0});
        advance(pause);
    }
    happen(in_sync(1));
    end(runs.size() - 1, Exited{5});
    end(runs.size() - 1, Exited{0});
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchDeniedTest, AnotherSegmentOfThePvmoveIsWatched) {
    const auto operation = start_stepping();
    happen_quietly(copying(1));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchDeniedTest, ByAMergeOfTheSameSnapshot) {
    happen_quietly(merging(0, first));
    const auto operation = start(request_for(OperationType::merge));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchDeniedTest, NotByAMergeThatWasQueued) {
    happen_quietly(merging(0, first));
    const auto operation = start(request_for(OperationType::merge));
    happen_quietly(merging(9, second));
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchDeniedTest, NotByAConvertedMirror) {
    happen_quietly(in_sync(0));
    const auto operation = start(request_for(OperationType::convert));
    end(0, Exited{0});
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

TEST_F(WatchDeniedTest, ByTheTemporaryLayerOfAConversion) {
    auto layered = in_sync(0);
    std::get<dm::Mirror>(layered.target).layered = true;
    happen_quietly(layered);
    const auto operation = start(request_for(OperationType::convert));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchDeniedTest, OfAnAbortLiftsItsFenceAfterAMinute) {
    const auto operation = start_copying();
    start_abort();
    say_success_on_and_on();
    EXPECT_EQ(result(abort), Result(Exited{5}));
    EXPECT_FALSE(result(operation));
    EXPECT_EQ(phase(operation), Phase::watching);
}

TEST_F(WatchDeniedTest, OfAnAbortKeepsItsFenceMeanwhile) {
    const auto operation = start_copying();
    start_abort();
    end(0, Exited{0});
    EXPECT_FALSE(result(abort));
    EXPECT_EQ(phase(operation), Phase::fenced);
    advance(1s);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_TRUE(runs[1].request.abort);
    succeed(1);
    EXPECT_EQ(result(abort), Result(Exited{0}));
}

TEST_F(WatchDeniedTest, OfAResidentLvpoll) {
    shared_locks = true;
    const auto operation = start_copying();
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    advance(1s);
    EXPECT_EQ(runs.size(), 2U);
    say_success_on_and_on();
    EXPECT_EQ(result(operation), Result(Exited{5}));
}

TEST_F(WatchDeniedTest, UnderTheResidentEngine) {
    int over = 0;
    Monitor resident{{context.get_executor(), clock, launcher, log, nullptr, &kernel},
                     [&] { ++over; }};
    happen_quietly(copying(0));
    const auto operation = std::get<Store::Accepted>(polls.accept(request())).operation;
    resident.start(operation);
    settle();
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    say_success_on_and_on();
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(over, 1);
}

TEST_F(WatchDeniedTest, TheMinuteBeginsAnewOnceAnLvpollHasPolled) {
    shared_locks = true;
    const auto operation = start_copying();
    end(0, Exited{0});
    advance(1s);
    ASSERT_EQ(runs.size(), 2U);
    advance(5h); // it watches the copy
    end(1, Exited{0});
    EXPECT_FALSE(result(operation));
    advance(1s);
    EXPECT_EQ(runs.size(), 3U);
}

TEST_F(WatchDeniedTest, AStopDoesNotWaitForTheNextAttempt) {
    const auto operation = start_stepping();
    end(0, Exited{0});
    stop();
    EXPECT_EQ(stopped, 1);
    EXPECT_FALSE(result(operation));
}

TEST_F(WatchDeniedTest, AStartWithoutALookProvesNothing) {
    for (const auto& copy : {copying(0), merging(700, first)}) {
        const bool merges = dm::legs(copy).empty();
        happen_quietly(copy);
        simulated.fail_with(ENOMEM);
        const auto run = runs.size();
        const auto operation =
            start(request_for(merges ? OperationType::merge : OperationType::convert));
        ASSERT_EQ(runs.size(), run + 1);
        simulated.fail_with(0);
        end(run, Exited{0});
        EXPECT_FALSE(result(operation)) << "it goes on, perhaps under another name";
        advance(1s);
        ASSERT_EQ(runs.size(), run + 2);
        succeed(run + 1);
        EXPECT_EQ(result(operation), Result(Exited{0}));
    }
}

TEST_F(WatchDeniedTest, WhoJoinsAResidentTooLateIsPolledFor) {
    shared_locks = true;
    happen_quietly(merging(9, first));
    const auto operation = start(request_for(OperationType::merge));
    ASSERT_EQ(runs.size(), 1U);
    happen_quietly(merging(9, second)); // the first is committed, lvpoll has looked its last
    start(request_for(OperationType::merge));
    end(0, Exited{0});
    EXPECT_FALSE(result(operation));
    ASSERT_EQ(runs.size(), 2U);
    succeed(1);
    EXPECT_EQ(result(operation), Result(Exited{0}));
}

} // namespace
} // namespace lvmpolld
