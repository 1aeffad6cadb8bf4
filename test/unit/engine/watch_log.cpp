// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What an operation leaves in the log for those who do not look: everything but info and debug.
#include "engine/watch_verification_test.h"
#include "operation/operation_event.h"

#include <gmock/gmock.h>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;

using Event = OperationEvent;

struct WatchLogTest : WatchVerificationTest {
    /// The messages that everybody is shown.
    std::vector<std::string> shown() const {
        std::vector<std::string> texts;
        for (const auto& [level, text] : log.messages)
            if (level <= LogLevel::notice)
                texts.push_back(text);
        return texts;
    }

    std::string last_event() const { return log.field("MESSAGE_ID"); }
};

TEST_F(WatchLogTest, AHealthyMoveOf50SegmentsIsTwoLines) {
    constexpr unsigned segments = 50;
    const auto at = [&](unsigned number, std::uint64_t copied) {
        const auto start = number * segment_length;
        return dm::SimulatedKernel::mirror(lvid, "vg", "lv", start + copied,
                                           segments * segment_length, start, segment_length);
    };
    simulated.quietly_set(lvid, at(0, 0));
    const auto operation = start(request());
    for (unsigned number = 0; number < segments; ++number) {
        happen(at(number, segment_length));
        ASSERT_EQ(runs.size(), number + 1);
        if (number + 1 == segments)
            break;
        happen(at(number + 1, 0));
        end(number, Exited{5});
    }
    succeed(segments - 1);
    ASSERT_EQ(result(operation), Result(Exited{0}));
    EXPECT_THAT(shown(), testing::ElementsAre("polling of vg/lv (pvmove): begins",
                                              "polling of vg/lv (pvmove): finished"));
    EXPECT_EQ(log.field("LVM_RESULT"), "completed");
    EXPECT_EQ(log.field("LVM_BYTES"), std::to_string(512 * segments * segment_length));
}

TEST_F(WatchLogTest, EachMessageNamesTheVg) {
    start_copying();
    happen(in_sync(0));
    ASSERT_GT(log.fields.size(), 2U);
    for (const auto& about : log.fields)
        EXPECT_THAT(about, testing::Contains(testing::Pair("LVM_VG", "vg")));
}

TEST_F(WatchLogTest, OneThatIsTakenUpDoesNotBegin) {
    happen_quietly(copying(0));
    const auto operation = std::get<Store::Accepted>(polls.accept(request())).operation;
    take_up(Monitor::Unfinished{operation, std::nullopt});
    EXPECT_EQ(phase(operation), Phase::watching);
    EXPECT_THAT(shown(), testing::IsEmpty());
}

TEST_F(WatchLogTest, AFailureIsAnEventWithTheResult) {
    start_stepping();
    end(0, Exited{3});
    EXPECT_EQ(last_event(), message_id(Event::failed));
    EXPECT_EQ(log.field("LVM_RESULT"), "failed");
}

TEST_F(WatchLogTest, AnLvpollThatCannotStartIsOneFailure) {
    launcher.fake.failure = SpawnFailure{SpawnFailure::Stage::execute, ENOENT};
    happen_quietly(in_sync(0));
    const auto operation = start(request());
    ASSERT_EQ(result(operation), Result(Exited{101}));
    EXPECT_EQ(shown().size(), 2U);
    EXPECT_EQ(last_event(), message_id(Event::failed));
}

TEST_F(WatchLogTest, ARefusalIsAnEventOfItsOwn) {
    start_verifying();
    finish_comparison(different);
    EXPECT_EQ(last_event(), message_id(Event::refused));
    EXPECT_EQ(log.field("LVM_RESULT"), "refused");
}

TEST_F(WatchLogTest, ALockThatIsWaitedForIsAStall) {
    lock_holder = LockHolder{812, "vgcreate"};
    start_stepping();
    advance(10s);
    EXPECT_EQ(last_event(), message_id(Event::stalled));
    EXPECT_EQ(log.field("LVM_RESULT"), "");
}

TEST_F(WatchLogTest, ADeniedSuccessIsAFailure) {
    const auto operation = start_stepping();
    for (std::size_t run = 0; !result(operation) && run < 20; ++run) {
        end(run, Exited{0});
        advance(60s);
    }
    EXPECT_EQ(result(operation), Result(Exited{5}));
    EXPECT_EQ(last_event(), message_id(Event::failed));
    EXPECT_EQ(log.field("LVM_RESULT"), "failed");
}

TEST_F(WatchLogTest, AnLvWhoseNameAnotherHasIsCompleted) {
    happen_quietly(dm::Inactive{});
    simulated.quietly_set(other_lvid, copying(0));
    start(request());
    EXPECT_EQ(last_event(), message_id(Event::completed));
}

} // namespace
} // namespace lvmpolld
