// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whoever waits has a reason, every action leads on, and every rule has a test.
#include "engine/plan_test.h"

#include <string>

namespace lvmpolld {
namespace {

TEST(Plan, Rule13WhoeverWaitsHasADeadlineOrAnEvent) {
    for_each([](const Facts& f) {
        const auto action = plan(f);
        const auto* wait = as<Wait>(action);
        if (wait == nullptr) {
            return;
        }
        ASSERT_GT(wait->until, now) << "a wait that is over keeps the loop busy";
        const bool event = wait->why == Reason::lvpoll_end || wait->why == Reason::resident ||
                           wait->why == Reason::fenced || wait->why == Reason::comparison_end;
        ASSERT_TRUE(event || wait->until != Facts::never);
    });
}

TEST(Plan, Rule13AStepWaitsForWhateverComesFirst) {
    for (auto first : {&Facts::look_at, &Facts::slot_end, &Facts::lock_check}) {
        auto f = beside(Purpose::step);
        f.look_at = f.slot_end = f.lock_check = later + 1s;
        f.*first = later;
        EXPECT_EQ(plan(f), Action(Wait{later, Reason::stepping}));
    }
}

TEST(Plan, Rule13EachWaitIsNamedForWhatItIs) {
    EXPECT_EQ(plan(free_to_go(Seen::copying)), Action(Wait{later, Reason::copying}));
    EXPECT_EQ(plan(free_to_go(Seen::stuck)), Action(Wait{later, Reason::leg_failed}));
    auto f = free_to_go(Seen::unknown);
    EXPECT_EQ(plan(f), Action(Look{}));
    f.promised = f.next_start = now;
    EXPECT_EQ(plan(f), Action(Look{}));
    f.promised = sooner;
    EXPECT_EQ(plan(f), Action(Wait{sooner, Reason::promised}));
    f.next_start = sooner - 1ms;
    EXPECT_EQ(plan(f), Action(Wait{sooner - 1ms, Reason::next_start}));
    for (const auto purpose : purposes) {
        auto slow = beside(purpose);
        slow.lock_check = now;
        EXPECT_EQ(plan(slow), Action(CheckLock{}));
    }
}

TEST(Plan, EveryActionLeadsOn) {
    for_each([](const Facts& f) {
        const auto action = plan(f);
        const bool running = f.child == Child::running;
        ASSERT_TRUE(!as<Look>(action) || f.seen == Seen::unknown);
        ASSERT_TRUE(!as<TakeTurn>(action) || f.turn_to_step == Turn::none);
        ASSERT_TRUE(!as<GiveTurn>(action) || f.slot_end <= now);
        ASSERT_TRUE(!as<CheckLock>(action) || f.lock_check <= now);
        ASSERT_TRUE(!as<Retire>(action) || running);
        ASSERT_TRUE(!as<Cancel>(action) || f.comparing == Comparing::running);
        ASSERT_TRUE(!as<Start>(action) || f.child == Child::none);
    });
}

TEST(Plan, EveryRuleHasATest) {
    constexpr int rules = 13;
    const auto& suite = *testing::UnitTest::GetInstance()->current_test_suite();
    for (int rule = 1; rule <= rules; ++rule) {
        bool found = false;
        for (int test = 0; test < suite.total_test_count(); ++test) {
            const std::string name = suite.GetTestInfo(test)->name();
            const auto prefix = "Rule" + std::to_string(rule);
            found = found || (name.starts_with(prefix) &&
                              name.find_first_of("0123456789", prefix.size()) != prefix.size());
        }
        EXPECT_TRUE(found) << "rule " << rule;
    }
}

} // namespace
} // namespace lvmpolld
